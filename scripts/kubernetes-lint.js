// Checks manifests against the Kubernetes API, and writes them to kubernetes.ts as
// values of the API's types, so that the compiler finds the fields which the
// schema lets pass.
const fs = require("fs");
const yaml = require("yaml");

const modules = { Job: "kubernetes-models/batch/v1", CronJob: "kubernetes-models/batch/v1", Deployment: "kubernetes-models/apps/v1" };
const source = [];
for (const file of process.argv.slice(2)) {
  for (const doc of yaml.parseAllDocuments(fs.readFileSync(file, "utf8"))) {
    const object = doc.toJS();
    const module = modules[object.kind];
    if (!module) throw new Error(`${file}: no type is known here for kind ${object.kind}`);
    new (require(module)[object.kind])(object).validate();
    const n = source.length;
    source.push(`import { type I${object.kind} as T${n} } from "${module}";\n// ${file}\nexport const o${n}: T${n} = ${JSON.stringify(object)};`);
  }
}
fs.writeFileSync("kubernetes.ts", source.join("\n"));
