/**
 * Installs what the example and the tests use beside npm's packages: C compilers for this machine, AVR and Cortex-M, QEMU,
 * and Chromium for the tests in VS Code.
 * Debian's packages, where this user may install them; else it says what is missing and what is left out without it. Never fails.
 *
 *     node .build/setup.mjs [tools] [editor] [arm]
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const needs = [
  {
    for: 'tools',
    programs: ['cc', 'gcc', 'clang'],
    packages: ['gcc', 'libc6-dev'],
    without: 'generated C is not compiled on this machine',
  },
  {
    for: 'tools',
    programs: ['avr-gcc'],
    packages: ['gcc-avr', 'binutils-avr', 'avr-libc'],
    without: 'generated C is not run on the simulated ATmega328P',
  },
  {
    for: 'editor',
    programs: ['chromium', 'chromium-browser', 'google-chrome'],
    packages: ['chromium'],
    without: 'the tests in a real VS Code are left out',
  },
  {
    for: 'arm',
    programs: ['arm-none-eabi-gcc'],
    packages: ['gcc-arm-none-eabi', 'libnewlib-arm-none-eabi'],
    without: 'generated C is not compiled for Cortex-M',
  },
  {
    for: 'arm',
    programs: ['qemu-system-arm'],
    packages: ['qemu-system-arm'],
    without: 'generated C is not run on a Cortex-M3 and M4',
  },
];

const wanted = process.argv.slice(2);
const found = (name) => (process.env.PATH ?? '').split(delimiter).some((folder) => folder && existsSync(join(folder, name)));
const missing = () => needs.filter((need) => wanted.includes(need.for) && !need.programs.some(found));

if (missing().length > 0) install(missing().flatMap(({ packages }) => packages));
for (const { programs, packages, without } of missing())
  console.log(`missing: ${programs[0]} (Debian: apt-get install ${packages.join(' ')}); ${without}.`);

function install(packages) {
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  if (!found('apt-get') || (sudo.length > 0 && !found('sudo'))) return;
  console.log(`installing ${packages.join(', ')}`);
  const apt = (...args) => {
    const [program, ...rest] = [...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args];
    return spawnSync(program, rest, { stdio: ['ignore', 'ignore', 'inherit'], timeout: 600_000 }).status === 0;
  };
  if (!apt('update') || !apt('install', '-y', '--no-install-recommends', ...packages)) console.log('the system refused to install them.');
}
