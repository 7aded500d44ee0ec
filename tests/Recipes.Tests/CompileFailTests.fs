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

/// The ids of the C# compiler's errors for a method body.
let private csharp (body: string) =
    let source =
        $"using Recipes.Data; using Recipes.Models; using Recipes.Reproductions; using Recipes.Training;\n"
        + $"public static class Snippet {{ public static object Run() => {body}; }}"

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
                d.Id
    ]

let private checker = FSharpChecker.Create()

/// The messages of the F# compiler's errors for the operations of a recipe.
let private fsharp (operations: string list) =
    let body =
        operations |> List.map (fun line -> "        " + line) |> String.concat "\n"

    let source =
        $"module Snippet\nopen Recipes.Data\nopen Recipes.FSharp\nopen Recipes.Models\nopen Recipes.Training\nlet it =\n    recipe (MobileOne.S0 10) {{\n{body}\n    }}\n"

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

let private data =
    "data (images (Datasets.Scenes()) 32<px> Augment.None 100<image>)"

let private optimize = "optimize (Optim.Sgd 0.1) (Schedule.Cosine())"

[<Tests>]
let tests =
    testList
        "compile fail"
        [
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
