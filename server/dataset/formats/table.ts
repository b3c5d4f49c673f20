import type { DataFormat } from '../source.ts';
import { idx, npy } from './arrays.ts';
import { csv } from './csv.ts';
import type { Format } from './format.ts';
import { images } from './images.ts';

export const FORMATS: Readonly<Record<DataFormat, Format>> = { idx, npy, csv, images };
