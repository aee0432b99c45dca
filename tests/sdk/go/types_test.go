// The types of answers, declared as generated SDKs declare them (shared/types.json), and made when the tests run.

package sdk

import (
	"reflect"
	"strings"
	"testing"
)

var scalars = map[string]reflect.Type{
	"bool":   reflect.TypeFor[*bool](),
	"int32":  reflect.TypeFor[*int32](),
	"int64":  reflect.TypeFor[*int64](),
	"string": reflect.TypeFor[*string](),
}

// declared gives the type of a whole answer; its body is the field Body.
func declared(t *testing.T, action string) reflect.Type {
	var types map[string]any
	read(t, "types.json", &types)
	body, isKnown := types[action]
	if !isKnown {
		t.Fatalf("types.json does not declare %s", action)
	}
	return structure(t, map[string]any{"body": body})
}

func structure(t *testing.T, members map[string]any) reflect.Type {
	var fields []reflect.StructField
	for name, member := range members {
		tag := reflect.StructTag(`json:"` + name + `,omitempty"`)
		fields = append(fields, reflect.StructField{
			Name: strings.ToUpper(name[:1]) + name[1:],
			Type: typed(t, member),
			Tag:  tag,
		})
	}
	return reflect.StructOf(fields)
}

func typed(t *testing.T, declaration any) reflect.Type {
	switch declaration := declaration.(type) {
	case string:
		if scalar, isKnown := scalars[declaration]; isKnown {
			return scalar
		}
	case []any:
		return reflect.SliceOf(typed(t, declaration[0]))
	case map[string]any:
		return reflect.PointerTo(structure(t, declaration))
	}
	t.Fatalf("types.json has an unknown type: %v", declaration)
	return nil
}

// plain is a typed value as a map of wire names, without what is nil, and without empty lists: some SDKs have one where
// there was none.
func plain(value reflect.Value) any {
	switch value.Kind() {
	case reflect.Invalid:
		return nil
	case reflect.Pointer:
		return plain(value.Elem())
	case reflect.Slice:
		list := []any{}
		for at := range value.Len() {
			list = append(list, plain(value.Index(at)))
		}
		return list
	case reflect.Struct:
		members := map[string]any{}
		for at := range value.NumField() {
			name, _, _ := strings.Cut(value.Type().Field(at).Tag.Get("json"), ",")
			field := value.Field(at)
			isEmpty := field.Kind() == reflect.Slice && field.Len() == 0
			if !field.IsNil() && !isEmpty {
				members[name] = plain(field)
			}
		}
		return members
	}
	return value.Interface()
}
