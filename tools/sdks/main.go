// Generates the SDKs for TypeScript and Go from a schema, with Pulumi's own generators.
package main

import (
	"encoding/json"
	"log"
	"os"
	"path/filepath"

	gogen "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func write(folder string, files map[string][]byte, err error) {
	check(err)
	for name, content := range files {
		path := filepath.Join(folder, name)
		check(os.MkdirAll(filepath.Dir(path), 0o755))
		check(os.WriteFile(path, content, 0o644))
	}
}

// Arguments: the schema's file, and the folder to write to.
func main() {
	text, err := os.ReadFile(os.Args[1])
	check(err)
	var spec schema.PackageSpec
	check(json.Unmarshal(text, &spec))
	pkg, diagnostics, err := schema.BindSpec(spec, schema.NewPluginLoader(nil), schema.ValidationOptions{})
	check(err)
	if diagnostics.HasErrors() {
		log.Fatal(diagnostics)
	}
	files, err := nodejs.GeneratePackage("sdks", pkg, nil, nil, false, nil)
	write(filepath.Join(os.Args[2], "nodejs"), files, err)
	files, err = gogen.GeneratePackage("sdks", pkg, nil)
	write(filepath.Join(os.Args[2], "go"), files, err)
}
