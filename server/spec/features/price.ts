import type { Device } from '../../device/device.ts';
import type { Network } from '../../network/network.ts';

/** What a network would cost on the chip, as far as the editor shows it. */
export type NetworkPrice = {
  readonly ramBytes: number;
  /** Left out while it is being worked out: that takes longer than a keystroke. */
  readonly flashBytes?: number;
  /** The layer that decides the RAM. */
  readonly peak: string;
  readonly layers: readonly LayerPrice[];
};

/** A layer without a price of its own (a fused ReLU) is left out. */
export type LayerPrice = {
  readonly layer: string;
  readonly shape: string;
  /** RAM that the layer adds. */
  readonly bufferBytes: number;
  /** Of its tables and its code; left out where the price does not tell it by layer. */
  readonly flashBytes?: number;
  /** RAM that the network needs while this layer runs, stack included; of the peak it is the network's `ramBytes`. */
  readonly liveBytes: number;
  /** How it is executed: row-streamed, whole, in place. */
  readonly form: string;
};

/** Prices a sound network for a device; undefined where there is no price yet. */
export type PriceNetwork = (network: Network, device?: Device) => NetworkPrice | undefined;
