/**
 * `@ferrite/build`, where it is installed beside the program: it brings a bundler of some 10 MB, which nobody needs on a
 * device. `ferrite build` and `ferrite size` are what it does.
 */
export async function loadBuildPackage(): Promise<typeof import('@ferrite/build')> {
  try {
    return await import('@ferrite/build');
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error('this needs the package @ferrite/build, which is not installed: npm install @ferrite/build');
  }
}
