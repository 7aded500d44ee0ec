/// What every file keeps to: its namespace is its folder, it is short, and it names no machine and no registry.
module Recipes.Tests.ArchitectureFilesTests

open System
open System.ComponentModel
open System.Diagnostics
open System.IO
open System.Text.RegularExpressions
open Expecto
open Recipes.Tests.Support

let private longest = 300

type private Source = { Path: string; Text: string }

let private source path text = { Path = path; Text = text }

/// Source files below these folders of the checkout, without what a build made.
let private under folders (extensions: string list) =
    folders
    |> List.map (fun folder -> Path.Combine(root, folder))
    |> List.filter Directory.Exists
    |> Seq.collect (fun folder -> Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
    |> Seq.filter (fun path -> List.contains (Path.GetExtension path) extensions)
    |> Seq.map (fun path -> Path.GetRelativePath(root, path).Replace('\\', '/'))
    |> Seq.filter (fun path -> not (Regex.IsMatch(path, "(^|/)(bin|obj)/")))
    |> Seq.map (fun path -> source path (File.ReadAllText(Path.Combine(root, path))))
    |> Seq.toList

/// The namespace of a C# file: its project's folder and the folders below; Common is the root of the core.
let private expectedNamespace (path: string) =
    match
        path.Split '/'
        |> Array.tail
        |> Array.rev
        |> Array.tail
        |> Array.rev
        |> Array.toList
    with
    | "Recipes" :: "Common" :: _ -> "Recipes"
    | folders -> String.Join('.', folders)

let private withoutTypes = [ "GlobalUsings.cs"; "AssemblyInfo.cs"; "Program.cs" ]

let private wrongNamespace { Path = path; Text = text } =
    let expected = expectedNamespace path

    match
        [
            for m in Regex.Matches(text, @"(?m)^\s*namespace\s+([\w.]+)") -> m.Groups[1].Value
        ]
    with
    | [] when List.contains (Path.GetFileName path) withoutTypes -> []
    | [ found ] when found = expected -> []
    // A folder of the core may have subfolders that share its namespace.
    | [ found ] when found.StartsWith "Recipes." && expected.StartsWith(found + ".") -> []
    | found -> [ $"{path}: expected {expected}, found %A{found}" ]

let private lines (text: string) = text.TrimEnd('\n').Split('\n').Length

let private tooLong { Path = path; Text = text } =
    if lines text > longest then
        [ $"{path}: {lines text} lines" ]
    else
        []

/// Every tracked file that is text.
let private tracked () =
    try
        let start = ProcessStartInfo("git", [ "ls-files"; "-z" ], WorkingDirectory = root)
        start.RedirectStandardOutput <- true
        start.RedirectStandardError <- true
        use git = Process.Start start

        let names =
            git.StandardOutput.ReadToEnd().Split('\000', StringSplitOptions.RemoveEmptyEntries)

        git.WaitForExit()

        if git.ExitCode <> 0 then
            skiptest "skipped: this folder is not a git checkout"

        names
        |> Seq.filter (fun name -> File.Exists(Path.Combine(root, name)))
        |> Seq.map (fun name -> source name (File.ReadAllText(Path.Combine(root, name))))
        |> Seq.filter (fun s -> not (s.Text.AsSpan(0, min 8000 s.Text.Length).Contains '\000'))
        |> Seq.toList
    with :? Win32Exception ->
        skiptest "skipped: git is not installed"

/// The hosts of the feeds in use, which the lock file names; git ignores it.
let private feeds () =
    let lock = Path.Combine(root, "paket.lock")
    let text = if File.Exists lock then File.ReadAllText lock else ""

    [
        for m in Regex.Matches(text, @"remote:\s*https?://(?:[^@/\s]+@)?([^/\s]+)") -> m.Groups[1].Value
    ]

/// Names of registries and of one machine, put together here so that this file does not hold them.
let private machineNames () =
    let known =
        [
            "nuget", ".org"
            "pypi", ".org"
            "npmjs", ".com"
            "npmjs", ".org"
            "/", "work/"
        ]

    let own =
        feeds ()
        |> List.filter (fun host -> not (Regex.IsMatch(host, @"^(localhost|127\.)")))

    List.map (fun (a, b) -> a + b) known @ own |> List.distinct

let private namesIn (names: string list) { Path = path; Text = text } =
    names
    |> List.filter (fun name -> text.Contains(name, StringComparison.OrdinalIgnoreCase))
    |> List.map (fun name -> $"{path}: {name}")

let private none problems message =
    Expect.isEmpty problems (message + "\n" + String.Join("\n", List.toArray<string> problems))

[<Tests>]
let tests =
    testList
        "architecture of files"
        [
            testCase "a C# file's namespace is its folder"
            <| fun () ->
                let sources = under [ "src"; "tests" ] [ ".cs" ]
                Expect.isGreaterThan sources.Length 15 "files scanned"
                none (sources |> List.collect wrongNamespace) "wrong namespaces:"

            testCase $"no source file is longer than {longest} lines, and the median is near 100"
            <| fun () ->
                let sources = under [ "src"; "tests"; "recipes"; "build" ] [ ".cs"; ".fs"; ".fsx" ]
                Expect.isGreaterThan sources.Length 25 "files scanned"
                none (sources |> List.collect tooLong) "too long:"
                let ours = sources |> List.filter _.Path.StartsWith("src/")
                let sizes = ours |> List.map (fun s -> lines s.Text) |> List.sort
                let median = sizes[sizes.Length / 2]
                printfn $"src: {sizes.Length} files, median {median} lines, longest {List.last sizes}"
                Expect.isLessThan median 150 "median lines of src"

            testCase "no tracked file names a package registry or a path of one machine"
            <| fun () ->
                let files = tracked ()
                Expect.isGreaterThan files.Length 20 "files scanned"
                none (files |> List.collect (namesIn (machineNames ()))) "names found:"

            testCase "the checks can fail"
            <| fun () ->
                let scene = source "src/Recipes/Data/Scenes/Scene.cs"
                Expect.equal (wrongNamespace (scene "namespace Recipes.Verbs;")).Length 1 "a wrong namespace"
                Expect.equal (wrongNamespace (scene "class Scene;")).Length 1 "no namespace"
                none (wrongNamespace (scene "using System;\nnamespace Recipes.Data.Scenes;")) "a right one"
                none (wrongNamespace (source "src/Recipes/Common/Rng.cs" "namespace Recipes;")) "the root"
                Expect.equal (tooLong (scene (String.replicate longest "a\n" + "b"))).Length 1 "too long"
                none (tooLong (scene (String.replicate longest "a\n"))) "just short enough"
                let text = "see https://NUGET" + ".org/x and /" + "work/y"
                Expect.equal (namesIn (machineNames ()) (scene text)).Length 2 "names"
        ]
