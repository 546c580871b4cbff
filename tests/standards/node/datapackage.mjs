// node datapackage.mjs DATAPACKAGE.JSON: every table of a package of CSV files as JSON, with types and references checked.
import datapackage from "datapackage";
import { table } from "./values.mjs";

const whole = await datapackage.Package.load(process.argv[2]);
if (!whole.valid) throw new Error(whole.errors.map((error) => error.message).join("; "));
const found = {};
for (const resource of whole.resources) {
  try {
    found[resource.name] = table(resource.descriptor, await resource.read({ keyed: true }));
    await resource.checkRelations();
  } catch (error) {
    const errors = error.errors?.length ? error.errors : [error];
    throw new Error(`${resource.name}: ${errors.map((one) => one.message).join("; ")}`);
  }
}
process.stdout.write(JSON.stringify(found));
