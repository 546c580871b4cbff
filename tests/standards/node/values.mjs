// Values as JSON that says the same in any language: whole numbers as text, dates as YYYY-MM-DD, what is missing as null.
export function plain(value, type) {
  if (value === null || value === undefined) return null;
  if (type === "integer") return value.toString();
  if (type === "date") return new Date(value).toISOString().slice(0, 10);
  return value;
}

export function table(resource, rows) {
  const fields = resource.schema.fields;
  return rows.map((row) => fields.map((field) => plain(row[field.name], field.type)));
}
