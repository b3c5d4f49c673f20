import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { GeneratedFile } from '../codegen/generate.ts';
import { isInside, type Project } from './project.ts';

/** Where a project's tool looks for a library called `name`, or compiles what lies there with the rest. */
export function libraryFolder({ kind, folder }: Project, name: string): string {
  switch (kind) {
    case 'platformio':
    case 'cmake':
      return join(folder, 'lib', name);
    // Of a sketch and of a library, what lies in `src` is compiled, with all folders in it.
    case 'arduino':
    case 'arduino-library':
    case 'zephyr':
      return join(folder, 'src', name);
    case 'esp-idf':
      return join(folder, 'components', name);
    case 'cubemx':
      return join(folder, 'Core', name);
  }
}

/** What a project's tool needs beside the C to take a folder for a library. */
export function libraryFiles({ kind }: Pick<Project, 'kind'>, name: string): GeneratedFile[] {
  if (kind === 'esp-idf') return [{ path: 'CMakeLists.txt', content: `idf_component_register(SRCS "${name}.c" INCLUDE_DIRS ".")\n` }];
  if (kind === 'zephyr')
    return [
      {
        path: 'CMakeLists.txt',
        content: `# In the CMakeLists.txt of the application: add_subdirectory(src/${name})\ntarget_sources(app PRIVATE \${CMAKE_CURRENT_LIST_DIR}/${name}.c)\ntarget_include_directories(app PRIVATE \${CMAKE_CURRENT_LIST_DIR})\n`,
      },
    ];
  if (kind === 'cmake')
    return [
      {
        path: 'CMakeLists.txt',
        content: `# Beside the program: add_subdirectory(lib/${name}), target_link_libraries(PROGRAM ${name})\nadd_library(${name} STATIC ${name}.c)\ntarget_include_directories(${name} PUBLIC \${CMAKE_CURRENT_SOURCE_DIR})\n`,
      },
    ];
  return [];
}

/** Whether a folder, there already or not, lies in the project once every link on the way is followed. */
export function isReallyInside(path: string, project: Pick<Project, 'folder'>): boolean {
  const [real, top] = [realPath(path), realPath(project.folder)];
  return isInside(real, top);
}

/** Of what is not there yet, from the nearest folder above that is. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const above = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === path) throw error;
    return join(realPath(above), basename(path));
  }
}
