/// Distillation as a step of a recipe.
module Recipes.Tests.DistillRecipeTests

open System.IO
open Expecto
open Recipes.FSharp
open Recipes.Models
open Recipes.Reproductions
open Recipes.Training
open Recipes.Verbs
open Recipes.Weights
open Recipes.Tests.Support
open Recipes.Tests.VerbDoubles

let private teacherRecipe =
    recipe (spec 6) {
        data scenes
        seed 2L
        train 1<epoch>
    }

[<Tests>]
let tests =
    torchTests
        "distill in recipes"
        [
            testCase "the step of a recipe is the function: same weights, one JSON in both languages"
            <| fun () ->
                let fsharp =
                    recipe (spec 4) {
                        data scenes
                        distill teacherRecipe (Loss.SoftTargets 2.0)
                        seed 5L
                        train 2<epoch>
                    }

                let json = fsharp.Document.ToJson().ToJsonString()

                let csharp =
                    Recipes.Examples.VerbRecipes.Distilled(spec 4, spec 6, scenes).Document.ToJson()

                Expect.equal json (csharp.ToJsonString()) "one JSON"

                Expect.stringContains
                    json
                    "\"distill\":{\"by\":{\"lambda\":0.75,\"temperature\":2},\"from\":[{"
                    "it says which"

                inTemporaryFolder (fun folder ->
                    let options resume =
                        TrainOptions(Folder = folder, Resume = resume)

                    use outcome = fsharp.Run(options false)
                    use teacher = teacherRecipe.Run()

                    let direct =
                        (spec 4)
                            .Distill(
                                teacher.Model,
                                scenes,
                                DistillOptions(By = Loss.SoftTargets 2.0, Plan = fsharp.Document.Train)
                            )

                    Expect.equal
                        (StateDict.Digest direct.Model)
                        (StateDict.Digest outcome.Model)
                        "the function's weights"

                    Expect.equal outcome.Training.LiveTensorsLate outcome.Training.LiveTensorsEarly "no tensor leaks"
                    Expect.equal (string direct) (string outcome.Distilled) "the function's evidence"
                    Expect.isTrue (Directory.Exists(Path.Combine(folder, "teacher1"))) "the teacher's checkpoints"
                    use resumed = fsharp.Run(options true)
                    Expect.equal (StateDict.Digest resumed.Model) (StateDict.Digest outcome.Model) "resumed"
                    Expect.equal resumed.Training.ResumedAt 4L "no step again")

            testCase "several teachers in a recipe, and their problems together with its own"
            <| fun () ->
                let two =
                    recipe (spec 4) {
                        data scenes
                        distill [ teacherRecipe :> IRecipe; teacherRecipe ] (Loss.SoftTargets())
                        train 1<epoch>
                    }

                Expect.equal two.Document.Distill.From.Count 2 "two"

                failsSaying
                    [
                        "distill.from, teacher 1: mobileone_mini has 10 classes, the student mobileone_mini has 7"
                        "distill.by.lambda: expected 0 to 1"
                        "mobileone_mini has 7 classes, scenes has 10"
                    ]
                    (fun () ->
                        recipe (MobileOne.Mini(7, 4)) {
                            data scenes
                            distill teacherRecipe (Loss.SoftTargets(1.0, 3.0))
                            train 1<epoch>
                        }
                        |> ignore)
        ]
