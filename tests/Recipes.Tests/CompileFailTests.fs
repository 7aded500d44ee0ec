/// Wrong order and wrong units do not compile, in both languages; the right order does.
module Recipes.Tests.CompileFailTests

open System
open System.IO
open Expecto
open FSharp.Compiler.CodeAnalysis
open FSharp.Compiler.Diagnostics
open FSharp.Compiler.Text
open Microsoft.CodeAnalysis
open Microsoft.CodeAnalysis.CSharp

let private references =
    (AppContext.GetData "TRUSTED_PLATFORM_ASSEMBLIES" :?> string).Split Path.PathSeparator

/// The ids and texts of the C# compiler's errors for a source.
let private csharpErrors (source: string) =
    let compilation =
        CSharpCompilation.Create(
            "snippet",
            [ CSharpSyntaxTree.ParseText source ],
            references
            |> Seq.filter (fun r -> not (r.Contains "FSharp.Compiler"))
            |> Seq.map (fun r -> MetadataReference.CreateFromFile r :> MetadataReference),
            CSharpCompilationOptions OutputKind.DynamicallyLinkedLibrary
        )

    [
        for d in compilation.GetDiagnostics() do
            if d.Severity = DiagnosticSeverity.Error then
                d.Id, d.GetMessage()
    ]

let private usings =
    "using System; using Recipes.Data; using Recipes.Models; using Recipes.Reproductions; using Recipes.Training;\n"

/// The ids of the errors for an expression.
let private csharp (expression: string) =
    csharpErrors $"{usings}public static class Snippet {{ public static object Run() => {expression}; }}"
    |> List.map fst

let private checker = FSharpChecker.Create()

let private opens =
    "module Snippet\nopen Recipes.Data\nopen Recipes.FSharp\nopen Recipes.Models\nopen Recipes.Training\n"

/// The messages of the F# compiler's errors for a source.
let private fsharpErrors (source: string) =
    let file = Path.Combine(Path.GetTempPath(), "Snippet.fs")

    let options =
        { checker.GetProjectOptionsFromCommandLineArgs(
              "snippet.fsproj",
              [|
                  yield "--target:library"
                  yield "--noframework"
                  yield! references |> Seq.map (fun reference -> "-r:" + reference)
                  yield file
              |]
          ) with
            SourceFiles = [| file |]
        }

    let _, answer =
        checker.ParseAndCheckFileInProject(file, 0, SourceText.ofString source, options)
        |> Async.RunSynchronously

    match answer with
    | FSharpCheckFileAnswer.Succeeded results ->
        [
            for d in results.Diagnostics do
                if d.Severity = FSharpDiagnosticSeverity.Error then
                    d.Message
        ]
    | FSharpCheckFileAnswer.Aborted -> failtest "the F# compiler gave up"

/// The messages of the errors for the operations of a recipe.
let private fsharp (operations: string list) =
    let body =
        operations |> List.map (fun line -> "        " + line) |> String.concat "\n"

    fsharpErrors $"{opens}let it =\n    recipe (MobileOne.S0 10) {{\n{body}\n    }}\n"

/// The code blocks of README in a language.
let private readme language =
    let text = File.ReadAllText(Path.Combine(Recipes.Tests.Support.root, "README.md"))

    [
        for block in Text.RegularExpressions.Regex.Matches(text, $"(?s)```{language}\n(.*?)```") do
            block.Groups[1].Value
    ]

let private data =
    "data (images (Datasets.Scenes()) 32<px> Augment.None 100<image>)"

let private optimize = "optimize (Optim.Sgd 0.1) (Schedule.Cosine())"

[<Tests>]
let tests =
    testList
        "compile fail"
        [
            testCase "README's examples compile"
            <| fun () ->
                let fsharpBlocks, csharpBlocks = readme "fsharp", readme "csharp"
                Expect.equal (fsharpBlocks.Length, csharpBlocks.Length) (1, 4) "examples found"

                for block in fsharpBlocks do
                    Expect.equal (fsharpErrors (opens + block)) [] block

                for block in csharpBlocks do
                    let source =
                        $"using Recipes.Verbs; {usings}public static class Snippet {{ public static void Run() {{ {block} }} }}"

                    Expect.equal (csharpErrors source) [] block

            testCase "C#: the right order compiles, wrong orders do not"
            <| fun () ->
                let start = "Recipe.For(MobileOne.S0(10))"

                let good =
                    start
                    + ".On(Datasets.Scenes()).Ema(0.99).Train(epochs: 3).Reparameterize().Save(\"a\")"

                Expect.equal (csharp good) [] good

                for wrong, error in
                    [
                        start + ".Train(epochs: 3)", "CS1061" // no data
                        start + ".Ema(0.99)", "CS1061"
                        start + ".On(Datasets.Scenes()).Reparameterize()", "CS1061" // not trained
                        start + ".On(Datasets.Scenes()).Train(epochs: 3).Ema(0.99)", "CS1061" // trained already
                        start + ".On(Datasets.Scenes()).Train(epochs: 3).Reparameterize().Train(1)", "CS1061" // folded
                        start
                        + ".On(Datasets.Scenes()).Train(epochs: 3).Reparameterize().Reparameterize()",
                        "CS1061"
                        start + ".On(Datasets.Scenes()).Train(epochs: 0.5)", "CS1503" // whole epochs
                        start + ".On(MobileOne.S0(10))", "CS1503"
                        "Recipe.For(MobileClip.S0).On(Datasets.Scenes())", "CS1503" // no captions
                        "Recipe.For(MobileClip.S0).On(Datasets.SceneCaptions()).Reparameterize()", "CS1061"
                        "Recipe.For(MobileClip.S0).On(Datasets.SceneCaptions()).Train(1).Reparameterize().Reparameterize()",
                        "CS1061"
                        start + ".On(Datasets.Scenes()).Optimize(Schedule.Cosine(), Optim.Sgd(0.1))", "CS1503"
                    ] do
                    Expect.contains (csharp wrong) error wrong

            testCase "F#: the right order compiles, wrong orders and units do not"
            <| fun () ->
                let good =
                    [
                        data
                        optimize
                        "ema 0.99"
                        "seed 1L"
                        "train 3<epoch>"
                        "reparameterize 1e-4"
                        "save \"a\""
                    ]

                Expect.equal (fsharp good) [] "the right order"

                for wrong, fragment in
                    [
                        [ "train 3<epoch>" ], "ModelRecipe"
                        [ data; optimize; "reparameterize 1e-4" ], "TrainedRecipe"
                        [ data; "train 3<epoch>"; "ema 0.99" ], "TrainingRecipe"
                        [ data; "train 3<epoch>"; "reparameterize 1e-4"; "train 3<epoch>" ], "FoldedRecipe"
                        [ data; "train 3" ], "epoch"
                        [ data; "train 3<px>" ], "epoch"
                        [
                            "data (images (Datasets.Scenes()) 32<image> Augment.None 100<px>)"
                            "train 3<epoch>"
                        ],
                        "px"
                    ] do
                    let errors = fsharp wrong
                    Expect.isNonEmpty errors $"%A{wrong}"

                    Expect.exists
                        errors
                        (fun e -> e.Contains fragment)
                        $"%A{wrong} fails because of {fragment}: %A{errors}"
        ]
