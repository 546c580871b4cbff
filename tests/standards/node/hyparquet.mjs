// node hyparquet.mjs DATAPACKAGE.JSON: every table of a package of Parquet files as JSON.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { table } from "./values.mjs";

const path = process.argv[2];
const found = {};
for (const resource of JSON.parse(readFileSync(path, "utf8")).resources) {
  const file = await asyncBufferFromFile(join(dirname(path), resource.path));
  found[resource.name] = table(resource, await parquetReadObjects({ file, compressors }));
}
process.stdout.write(JSON.stringify(found));
