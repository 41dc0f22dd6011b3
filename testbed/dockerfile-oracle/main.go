// Says what BuildKit makes of Dockerfiles, words and ignore files, so that our own readers can be compared with it.
//
// Reads one JSON request on standard input and writes one JSON answer with the same number of entries in the same
// order. Nothing is fetched: every base image has the configuration that the request gives, by default an empty one.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

type request struct {
	Dockerfiles []dockerfile
	Words       []word
	Ignores     []ignore
}

type dockerfile struct {
	Text   string
	Target string
	Args   map[string]string
	Env    map[string]string // what single instructions are expanded with
	Base   json.RawMessage   // the `config` of every base image
}

type word struct {
	Text   string
	Escape string
	Env    map[string]string
}

type ignore struct {
	Text  string
	Paths []string
}

type answer struct {
	Dockerfiles []map[string]any `json:"dockerfiles"`
	Words       []map[string]any `json:"words"`
	Ignores     []map[string]any `json:"ignores"`
}

func main() {
	var in request
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		fmt.Fprintln(os.Stderr, "dockerfile-oracle:", err)
		os.Exit(2)
	}
	out := answer{Dockerfiles: []map[string]any{}, Words: []map[string]any{}, Ignores: []map[string]any{}}
	for _, file := range in.Dockerfiles {
		out.Dockerfiles = append(out.Dockerfiles, guarded(func() map[string]any { return read(file) }))
	}
	for _, one := range in.Words {
		out.Words = append(out.Words, guarded(func() map[string]any { return expand(one) }))
	}
	for _, one := range in.Ignores {
		out.Ignores = append(out.Ignores, guarded(func() map[string]any { return match(one) }))
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(out); err != nil {
		fmt.Fprintln(os.Stderr, "dockerfile-oracle:", err)
		os.Exit(3)
	}
}

// A panic of BuildKit's is an answer of its own.
func guarded(work func() map[string]any) (out map[string]any) {
	defer func() {
		if cause := recover(); cause != nil {
			out = map[string]any{"panic": fmt.Sprint(cause)}
		}
	}()
	return work()
}

func read(file dockerfile) map[string]any {
	out := map[string]any{}
	result, err := parser.Parse(strings.NewReader(file.Text))
	if err != nil {
		out["error"] = err.Error()
		return out
	}
	out["escape"] = string(result.EscapeToken)
	if syntax, _, _, ok := parser.ParseDirective("syntax", []byte(file.Text)); ok {
		out["syntax"] = syntax
	}
	stages, args, err := instructions.Parse(result.AST, nil)
	if err != nil {
		out["error"] = err.Error()
		return out
	}
	expander := words(file.Env, result.EscapeToken)
	out["args"] = commands(args, expander)
	list := []map[string]any{}
	for _, stage := range stages {
		list = append(list, map[string]any{
			"name": stage.Name, "base": stage.BaseName, "platform": stage.Platform, "commands": commands(stage.Commands, expander),
		})
	}
	out["stages"] = list
	config, err := build(file)
	if err != nil {
		out["build_error"] = err.Error()
	} else {
		out["config"] = config
	}
	return out
}

func words(env map[string]string, escape rune) instructions.SingleWordExpander {
	return func(text string) (string, error) {
		result, _, err := shell.NewLex(escape).ProcessWord(text, variables(env))
		return result, err
	}
}

func variables(env map[string]string) shell.EnvGetter {
	list := []string{}
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	return shell.EnvsFromSlice(list)
}

func commands[C any](list []C, expander instructions.SingleWordExpander) []map[string]any {
	out := []map[string]any{}
	for number := range list {
		out = append(out, command(any(list[number]), any(&list[number]), expander))
	}
	return out
}

func command(value, pointer any, expander instructions.SingleWordExpander) map[string]any {
	if arg, ok := pointer.(*instructions.ArgCommand); ok {
		value = arg
	}
	out := described(value)
	if able, ok := value.(instructions.SupportsSingleWordExpansion); ok {
		if err := able.Expand(expander); err != nil {
			out["expand_error"] = err.Error()
		} else {
			out["expanded"] = described(value)
		}
	}
	return out
}

func described(value any) map[string]any {
	out := map[string]any{}
	if named, ok := value.(instructions.Command); ok {
		out["name"] = strings.ToUpper(named.Name())
	}
	switch c := value.(type) {
	case *instructions.EnvCommand:
		out["pairs"] = pairs(c.Env)
	case *instructions.LabelCommand:
		out["pairs"] = pairs(c.Labels)
	case *instructions.ArgCommand:
		list := [][]any{}
		for _, arg := range c.Args {
			list = append(list, []any{arg.Key, arg.Value})
		}
		out["args"] = list
	case *instructions.RunCommand:
		commandLine(out, c.ShellDependantCmdLine)
		mounts := []map[string]any{}
		for _, mount := range instructions.GetMounts(c) {
			mounts = append(mounts, map[string]any{"type": mount.Type, "from": mount.From, "source": mount.Source, "target": mount.Target})
		}
		out["mounts"] = mounts
		out["network"] = instructions.GetNetwork(c)
		out["security"] = instructions.GetSecurity(c)
	case *instructions.CmdCommand:
		commandLine(out, c.ShellDependantCmdLine)
	case *instructions.EntrypointCommand:
		commandLine(out, c.ShellDependantCmdLine)
	case *instructions.ShellCommand:
		out["words"] = c.Shell
	case *instructions.AddCommand:
		sources(out, c.SourcesAndDest)
		out["chown"], out["chmod"], out["checksum"], out["link"], out["exclude"] = c.Chown, c.Chmod, c.Checksum, c.Link, nonNil(c.ExcludePatterns)
	case *instructions.CopyCommand:
		sources(out, c.SourcesAndDest)
		out["chown"], out["chmod"], out["from"], out["link"], out["exclude"] = c.Chown, c.Chmod, c.From, c.Link, nonNil(c.ExcludePatterns)
		out["parents"] = c.Parents
	case *instructions.ExposeCommand:
		out["words"] = nonNil(c.Ports)
	case *instructions.VolumeCommand:
		out["words"] = nonNil(c.Volumes)
	case *instructions.UserCommand:
		out["text"] = c.User
	case *instructions.WorkdirCommand:
		out["text"] = c.Path
	case *instructions.StopSignalCommand:
		out["text"] = c.Signal
	case *instructions.MaintainerCommand:
		out["text"] = c.Maintainer
	case *instructions.OnbuildCommand:
		out["text"] = c.Expression
	case *instructions.HealthCheckCommand:
		out["health"] = c.Health
	}
	return out
}

func pairs(list instructions.KeyValuePairs) [][]string {
	out := [][]string{}
	for _, pair := range list {
		out = append(out, []string{pair.Key, pair.Value})
	}
	return out
}

func commandLine(out map[string]any, line instructions.ShellDependantCmdLine) {
	out["words"], out["shell"] = nonNil(line.CmdLine), line.PrependShell
	files := []map[string]any{}
	for _, file := range line.Files {
		files = append(files, map[string]any{"name": file.Name, "data": file.Data, "chomp": file.Chomp})
	}
	out["files"] = files
}

func sources(out map[string]any, list instructions.SourcesAndDest) {
	out["sources"], out["destination"] = nonNil(list.SourcePaths), list.DestPath
	files := []map[string]any{}
	for _, file := range list.SourceContents {
		files = append(files, map[string]any{"name": file.Path, "data": file.Data, "expand": file.Expand})
	}
	out["files"] = files
}

func nonNil(list []string) []string {
	return append([]string{}, list...)
}

// Answers for every registry.
type stub struct{ config json.RawMessage }

func (s stub) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	config := s.config
	if len(config) == 0 {
		config = json.RawMessage("{}")
	}
	layer := digest.FromString("layer").String()
	image, err := json.Marshal(map[string]any{
		"architecture": "amd64", "os": "linux", "config": config, "rootfs": map[string]any{"type": "layers", "diff_ids": []string{layer}},
	})
	return ref, "", image, err
}

func build(file dockerfile) (any, error) {
	result, err := dockerfile2llb.Dockerfile2LLB(context.Background(), []byte(file.Text), dockerfile2llb.ConvertOpt{
		Config:         dockerui.Config{BuildArgs: file.Args, Target: file.Target},
		MetaResolver:   stub{file.Base},
		TargetPlatform: &ocispecs.Platform{OS: "linux", Architecture: "amd64"},
	})
	if err != nil {
		return nil, err
	}
	return result.Image.Config, nil
}

func expand(one word) map[string]any {
	escape := []rune(one.Escape + `\`)[0]
	out := map[string]any{}
	result, err := shell.NewLex(escape).ProcessWordWithMatches(one.Text, variables(one.Env))
	if err != nil {
		out["error"] = err.Error()
		return out
	}
	out["result"], out["words"] = result.Result, nonNil(result.Words)
	return out
}

func match(one ignore) map[string]any {
	out := map[string]any{}
	patterns, err := ignorefile.ReadAll(strings.NewReader(one.Text))
	if err == nil {
		var matcher *patternmatcher.PatternMatcher
		if matcher, err = patternmatcher.New(patterns); err == nil {
			var ignored []bool
			for _, path := range one.Paths {
				var hit bool
				if hit, err = matcher.MatchesOrParentMatches(path); err != nil {
					break
				}
				ignored = append(ignored, hit)
			}
			out["ignored"] = ignored
		}
	}
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	return out
}
