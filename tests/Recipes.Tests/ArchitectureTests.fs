/// Who may know whom: the folder arrows of src/Recipes, checked on the source text.
module Recipes.Tests.ArchitectureTests

open System
open System.IO
open System.Text.RegularExpressions
open Expecto
open Recipes.Tests.Support

/// The folders of src/Recipes, and those that each must not know. Besides, the arrows found must form no circle.
let private forbidden =
    let all =
        set
            [
                "Display"
                "Layers"
                "Models"
                "Verbs"
                "Reproductions"
                "Reports"
                "Training"
                "Data"
                "Weights"
                "Onnx"
            ]

    let above = set [ "Models"; "Verbs"; "Reproductions"; "Reports" ]

    Map
        [
            "Common", all
            "Display", all.Remove "Display"
            "Weights", all.Remove("Weights").Remove "Display"
            "Onnx", all.Remove("Onnx").Remove "Weights"
            "Layers", above
            "Training", above
            "Data", above
            "Models", above.Remove "Models"
            "Verbs", set [ "Reproductions"; "Reports" ]
            "Reproductions", set [ "Reports" ]
            "Reports", set []
        ]

type private Source = { Path: string; Text: string }

let private source path text = { Path = path; Text = text }

/// Interpolated strings (one level of strings and braces in their holes), other strings, characters, comments.
let private trivia =
    let hole = @"\{(?:[^{}""]|""(?:\{[^{}]*\}|\\.|[^""\\{])*"")*\}"

    let interpolated =
        @"\$+""""""[\s\S]*?""""""|\$@?""(?:\{\{|" + hole + @"|\\.|[^""\\{])*"""

    let text =
        @"""""""[\s\S]*?""""""|@""(?:[^""]|"""")*""|""(?:\\.|[^""\\\n])*""|'(?:\\.|[^'\\\n])'"

    Regex(interpolated + "|" + text + @"|//[^\n]*|/\*[\s\S]*?\*/")

/// C# without comments and plain strings; interpolated ones stay, because they hold code.
let private code source =
    trivia.Replace(source.Text, fun m -> if m.Value.StartsWith '$' then m.Value else " ")

let private matches pattern text =
    Regex.Matches(text, pattern) |> Seq.toList

let private group (n: int) (m: Match) = m.Groups[n].Value

let private folderOf source =
    match source.Path.Split '/' with
    | [| "src"; "Recipes"; _ |] -> "Common"
    | parts -> parts[2]

/// The types that each folder declares.
let private declared sources =
    let pattern =
        @"\b(?:class|struct|interface|enum|record(?:\s+(?:class|struct))?)\s+(\w+)"

    sources
    |> List.collect (fun s -> matches pattern (code s) |> List.map (fun m -> folderOf s, group 1 m))
    |> set

/// The folders that a file names: `Recipes.Models` in a using or in a qualified name, and `Models.Zoo`, which the
/// compiler finds from inside a namespace `Recipes.…`.
let private uses types source =
    let text = code source

    let qualified =
        matches @"(?<![\w.])(?:global::)?Recipes\s*\.\s*(\w+)" text
        |> List.map (group 1)

    let relative =
        matches @"(?<![\w.])(\w+)\s*\.\s*(\w+)" text
        |> List.filter (fun m -> Set.contains (group 1 m, group 2 m) types)
        |> List.map (group 1)

    qualified @ relative |> List.filter forbidden.ContainsKey |> List.distinct

/// Path, its folder, another folder that it names.
let private arrows sources =
    let types = declared sources

    sources
    |> List.collect (fun s -> uses types s |> List.map (fun target -> s.Path, folderOf s, target))
    |> List.filter (fun (_, from, target) -> from <> target)

let private wrongArrows sources =
    arrows sources
    |> List.filter (fun (_, from, target) -> forbidden[from].Contains target)
    |> List.map (fun (path, from, target) -> $"{path}: {from} must not know {target}")

/// Folders that reach themselves.
let private circles sources =
    let edges =
        arrows sources
        |> List.map (fun (_, from, target) -> from, target)
        |> List.distinct

    let next folder =
        edges |> List.filter (fst >> (=) folder) |> List.map snd

    let rec reach seen folder =
        next folder
        |> List.fold (fun seen t -> if Set.contains t seen then seen else reach (seen.Add t) t) seen

    forbidden.Keys
    |> Seq.filter (fun folder -> (reach Set.empty folder).Contains folder)
    |> Seq.map (fun folder -> $"""{folder} depends on itself, through {String.Join(", ", next folder)}""")
    |> Seq.toList

/// What the core must not touch: the console, the command, the notebook, the F# face.
let private outside source =
    let console = @"(?<![\w.])(?:System\s*\.\s*)?Console\s*\.\s*\w+"

    let others =
        @"(?<![\w.])(?:Spectre\.Console|System\.CommandLine|Recipes\.(?:FSharp|Cli|Notebook))\b"

    matches $"{console}|{others}" (code source)
    |> List.map (fun m -> $"{source.Path}: {m.Value}")

let private core () =
    Directory.EnumerateFiles(Path.Combine(root, "src", "Recipes"), "*.cs", SearchOption.AllDirectories)
    |> Seq.map (fun path -> source (Path.GetRelativePath(root, path).Replace('\\', '/')) (File.ReadAllText path))
    |> Seq.filter (fun s -> not (Regex.IsMatch(s.Path, "/(bin|obj)/")))
    |> Seq.toList

let private none problems message =
    Expect.isEmpty problems (message + "\n" + String.Join("\n", List.toArray<string> problems))

let private zoo =
    source "src/Recipes/Models/Zoo.cs" "namespace Recipes.Models; public static class Zoo;"

let private layer text =
    source "src/Recipes/Layers/A.cs" ("namespace Recipes.Layers;\n" + text)

[<Tests>]
let tests =
    testList
        "architecture"
        [
            testCase "folders of the core know only what they may, and no circle joins them"
            <| fun () ->
                let sources = core ()
                Expect.isGreaterThan sources.Length 15 "files scanned"
                Expect.isTrue ((declared sources).Contains("Common", "RecipesException")) "types are found"
                let folders = sources |> List.map folderOf |> List.distinct
                none (folders |> List.filter (forbidden.ContainsKey >> not)) "folders without arrows, name them here:"
                none (wrongArrows sources) "wrong arrows:"
                none (circles sources) "circles:"

            testCase "the core knows no console, command, notebook or F# face"
            <| fun () ->
                none (core () |> List.collect outside) "in the core:"

                let project =
                    File.ReadAllText(Path.Combine(root, "src", "Recipes", "Recipes.csproj"))

                Expect.isFalse (project.Contains "ProjectReference") "the core refers to no other project"

            testCase "the scanner sees every way of naming a folder"
            <| fun () ->
                for bad in
                    [
                        "using Recipes.Models;"
                        "using static Recipes.Models.Zoo;"
                        "using Z = Recipes . Models.Zoo;"
                        "var x = global::Recipes.Models.Zoo.All;"
                        "var x = Models.Zoo.All;"
                        "var s = $\"{Recipes.Models.Zoo.All}\";"
                        "var s = $\"a{string.Join(\", \", b)}\" + Models.Zoo.Name;"
                        "var s = \"//\"; var x = Models.Zoo.All;"
                    ] do
                    Expect.equal
                        (wrongArrows [ zoo; layer bad ])
                        [ "src/Recipes/Layers/A.cs: Layers must not know Models" ]
                        bad

            testCase "the scanner leaves comments, strings and members alone"
            <| fun () ->
                for good in
                    [
                        "// using Recipes.Models;"
                        "/* Recipes.Models */"
                        "/// <see cref=\"Recipes.Models.Zoo\"/>"
                        "var s = \"Recipes.Models\";"
                        "var s = @\"a\"\"Recipes.Models\";"
                        "var s = \"\"\"Recipes.Models\"\"\";"
                        "var s = $\"{a}\"; // Recipes.Models"
                        "var c = '\"'; // Recipes.Models"
                        "Models.Add(x); this.Models.Zoo();"
                        "using Recipes;"
                    ] do
                    none (wrongArrows [ zoo; layer good ]) good

                none (wrongArrows [ layer "class B;"; source zoo.Path "using Recipes.Layers;" ]) "the right way round"

            testCase "the scanner sees circles, consoles and the other faces"
            <| fun () ->
                let a = source "src/Recipes/Data/A.cs" "using Recipes.Training;"
                let b = source "src/Recipes/Training/B.cs" "using Recipes.Layers;"
                none (circles [ a; b ]) "a chain"
                Expect.equal (circles [ a; b; layer "using Recipes.Data;" ]).Length 3 "a circle of three"
                let weights = source "src/Recipes/Common/Rng.cs" "using Recipes.Weights;"
                Expect.equal (wrongArrows [ weights ]).Length 1 "Common knows nothing"
                let text = "Console.WriteLine(1); System.Console.Error.Flush(); // Console.Out"
                Expect.equal (outside (layer text)).Length 2 "consoles"
                Expect.equal (outside (layer "using Recipes.FSharp; using Spectre.Console;")).Length 2 "other faces"
                none (outside (layer "TheConsole.Write(); my.Console.Write();")) "other consoles"
        ]
