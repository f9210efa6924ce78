// 26 calls of Zoho's own SDK for Node.js. In: one JSON object on stdin; out: one on stdout.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const order = JSON.parse(readFileSync(0, "utf-8"));
const found = createRequire(`${order.modules}/package.json`).resolve("@zohocrm/nodejs-sdk-8.0");
const Z = await import(pathToFileURL(found));
const seen = {};

const environment = new Z.Environment(
  order.api_url, `${order.accounts_url}/oauth/v2/token`, order.api_url);
const token = new Z.OAuthBuilder()
  .clientId(order.client_id).clientSecret(order.client_secret)
  .refreshToken(order.refresh_token).findUser(false).build();
await (await new Z.InitializeBuilder())
  .environment(environment).token(token)
  .store(new Z.FileStore(`${order.folder}/tokens.txt`))
  .SDKConfig(new Z.SDKConfigBuilder().pickListValidation(false).autoRefreshFields(true).build())
  .resourcePath(order.folder)
  .logger(new Z.LogBuilder().level(Z.Levels.OFF).filePath(`${order.folder}/sdk.log`).build())
  .initialize();

// What came: a refusal's code, or what `read` takes out of the answer.
async function call(name, made, read) {
  const response = await made;
  const object = response.getObject();
  const refusal = object?.getCode?.();
  seen[name] = refusal ? { refused: refusal.getValue?.() ?? refusal } : await read(object);
  return seen[name];
}

function params(...pairs) {
  const map = new Z.ParameterMap();
  return Promise.all(pairs.map(([key, value]) => map.add(key, value))).then(() => map);
}

function lead(values, id = null) {
  const record = new Z.Record.Record();
  if (id !== null) record.setId(BigInt(id));
  for (const [name, value] of Object.entries(values)) {
    record.addFieldValue(Z.Record.Field.Leads[name], value);
  }
  return record;
}

function body(records, check = null) {
  const wrapper = new Z.Record.BodyWrapper();
  wrapper.setData(records);
  if (check) wrapper.setDuplicateCheckFields([check]);
  return wrapper;
}

const said = (object) => object.getData().map((row) => {
  const id = row.getDetails()?.get?.("id");
  return [row.getCode().getValue(), id === undefined ? null : String(id)];
});
const ids = (object) => object === null ? [] : object.getData().map((row) => String(row.getId()));
const names = (list) => list.map((one) => one.getAPIName?.() ?? one.getName?.());
const headers = new Z.HeaderMap();
const leads = new Z.Record.RecordOperations("Leads");

await call("modules", new Z.Modules.ModulesOperations().getModules(
  new Z.ParameterMap(), headers), (o) => names(o.getModules()));
await call("module", new Z.Modules.ModulesOperations().getModuleByAPIName("Leads"),
  (o) => o.getModules()[0].getAPIName());
await call("fields", new Z.Fields.FieldsOperations().getFields(
  await params([Z.Fields.GetFieldsParam.MODULE, "Leads"])), (o) => names(o.getFields()));
await call("layouts", new Z.Layouts.LayoutsOperations().getLayouts(
  await params([Z.Layouts.GetLayoutsParam.MODULE, "Leads"])), (o) => o.getLayouts().length);
await call("custom views", new Z.CustomViews.CustomViewsOperations().getCustomViews(
  await params([Z.CustomViews.GetCustomViewsParam.MODULE, "Leads"])),
  (o) => o.getCustomViews().length);
await call("organization", new Z.Org.OrgOperations().getOrganization(),
  (o) => o.getOrg()[0].getCompanyName());
await call("users", new Z.Users.UsersOperations().getUsers(new Z.ParameterMap(), headers),
  (o) => o.getUsers().length);
await call("roles", new Z.Roles.RolesOperations().getRoles(), (o) => o.getRoles().length);
await call("profiles", new Z.Profiles.ProfilesOperations().getProfiles(new Z.ParameterMap()),
  (o) => o.getProfiles().length);
await call("currencies", new Z.Currencies.CurrenciesOperations().getCurrencies(),
  (o) => o.getCurrencies().length);
await call("tags", new Z.Tags.TagsOperations().getTags(
  await params([Z.Tags.GetTagsParam.MODULE, "Leads"])), (o) => o.getTags().map((t) => t.getName()));
const created = await call("created", leads.createRecords(body([
  lead({ LAST_NAME: "Ada", COMPANY: "Engines", EMAIL: "ada@node.example" }),
  lead({ LAST_NAME: "Eve", COMPANY: "Looms", EMAIL: "eve@node.example" }),
  lead({ COMPANY: "Nobody's" }),
]), headers), said);
const [first, second] = created.map(([, id]) => id);
await call("updated", leads.updateRecords(body([lead({ COMPANY: "Engines and Sons" }, first)]),
  headers), said);
await call("updated one", leads.updateRecord(BigInt(second), body([lead({ PHONE: "+1 503 555 0100" })]),
  headers), said);
await call("upserted", leads.upsertRecords(body([
  lead({ LAST_NAME: "Eva", COMPANY: "Looms", EMAIL: "eve@node.example" })], "Email"), headers), said);
await call("one", leads.getRecord(BigInt(first), new Z.ParameterMap(), headers),
  (o) => o.getData()[0].getKeyValue("Company"));
await call("listed", leads.getRecords(await params(
  [Z.Record.GetRecordsParam.FIELDS, "Last_Name"], [Z.Record.GetRecordsParam.PER_PAGE, 3]), headers),
  (o) => o.getData().length);
await call("by email", leads.searchRecords(
  await params([Z.Record.SearchRecordsParam.EMAIL, "eve@node.example"]), headers), ids);
await call("by criteria", leads.searchRecords(
  await params([Z.Record.SearchRecordsParam.CRITERIA, "(Company:equals:Engines and Sons)"]), headers), ids);
await call("counted", leads.recordCount(new Z.ParameterMap()), (o) => Number(o.getCount()));
const query = new Z.Coql.BodyWrapper();
query.setSelectQuery("select Last_Name from Leads where Email = 'eve@node.example'");
await call("queried", new Z.Coql.CoqlOperations().getRecords(query),
  (o) => o.getData().map((row) => row.getKeyValue("Last_Name")));
const note = new Z.Notes.Note();
note.setNoteTitle("From Node");
note.setNoteContent("Some text");
const parent = new Z.Notes.ParentId();
parent.setId(BigInt(first));
const module = new Z.Modules.MinifiedModule();
module.setAPIName("Leads");
parent.setModule(module);
note.setParentId(parent);
const notes = new Z.Notes.BodyWrapper();
notes.setData([note]);
await call("noted", new Z.Notes.NotesOperations().createNotes(notes), said);
writeFileSync(`${order.folder}/note.txt`, "some text");
const upload = new Z.Attachments.FileBodyWrapper();
upload.setFile(new Z.StreamWrapper(null, null, `${order.folder}/note.txt`));
await call("attached", new Z.Attachments.AttachmentsOperations().uploadAttachments(
  BigInt(first), "Leads", upload), said);
await call("deleted one", leads.deleteRecord(BigInt(second), new Z.ParameterMap(), headers), said);
await call("deleted", leads.deleteRecords(
  await params([Z.Record.DeleteRecordsParam.IDS, `${first},1`]), headers), said);
await call("gone", leads.getDeletedRecords(
  await params([Z.Record.GetDeletedRecordsParam.TYPE, "recycle"]), headers), ids);
process.stdout.write(JSON.stringify(seen));
