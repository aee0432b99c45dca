// The types of answers, declared as the generated SDK declares them (shared/types.json), and made when the tests run.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

const { Model } = require('@darabonba/typescript');

const { SHARED } = require('./emulator');

const TYPES = JSON.parse(fs.readFileSync(path.join(SHARED, 'types.json'), 'utf8'));
const SCALARS = { bool: 'boolean', int32: 'number', int64: 'number', string: 'string' };

/** An empty answer of this operation; its body is the member `body`. */
function answer(action) {
  return new (structure({ body: TYPES[action] }))();
}

function structure(members) {
  const names = Object.fromEntries(Object.keys(members).map((name) => [name, name]));
  const types = Object.fromEntries(Object.entries(members).map(([name, member]) => [name, typed(member)]));
  return class extends Model {
    static names() {
      return names;
    }

    static types() {
      return types;
    }
  };
}

function typed(declaration) {
  if (Array.isArray(declaration)) return { type: 'array', itemType: typed(declaration[0]) };
  return typeof declaration === 'string' ? SCALARS[declaration] : structure(declaration);
}

/** A typed value as a plain one, without what is undefined, and without empty lists: some SDKs have one where there was none. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (!(value instanceof Model)) return value;
  const members = Object.entries(value).map(([name, member]) => [name, plain(member)]);
  const isThere = (member) => member !== undefined && !(Array.isArray(member) && member.length === 0);
  return Object.fromEntries(members.filter(([, member]) => isThere(member)));
}

/** The members of an answer that no SDK knows, and so drops: `Operation/Member/…`. */
function unknown(declared, value, at) {
  if (Array.isArray(value)) return value.flatMap((item) => unknown(declared?.[0], item, at));
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, member]) =>
    Object.hasOwn(declared, name) ? unknown(declared[name], member, `${at}/${name}`) : [`${at}/${name}`],
  );
}

module.exports = { TYPES, answer, plain, unknown };
