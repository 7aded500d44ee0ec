/// Distillation of features: taps by module path.
module Recipes.Tests.FeatureTests

open Expecto
open Recipes.Data
open Recipes.FSharp
open Recipes.Models
open Recipes.Reproductions
open Recipes.Training
open Recipes.Verbs
open Recipes.Weights
open Recipes.Tests.Support
open Recipes.Tests.VerbDoubles
open TorchSharp

let private by (targets: DistillTargets) epochs seed =
    DistillOptions(targets, Plan = plan epochs seed)

let private cosine = Loss.Labels + Loss.Feature("stage2", "stage2")

let private verb =
    [
        testCase "features come nearer, with weights of their own and both distances; student and teacher stay"
        <| fun () ->
            use student = network 4 1L
            use teacher = network 4 2L
            let before = StateDict.Digest student, StateDict.Digest teacher

            for distance, epochs in [ FeatureDistance.Cosine, 60; FeatureDistance.MeanSquare, 20 ] do
                let targets =
                    Loss.Labels + Loss.Feature("stage2", "stage2", distance, weight = 10.0)

                let result = student.Distill(teacher, scenes, by targets epochs 5L)
                use learned = result.Model
                let row = Seq.exactlyOne result.Evidence.Similarities
                let losses = Seq.toArray result.Evidence.TrainLoss
                Expect.isLessThan (Array.last losses) (0.7 * losses[0]) $"{distance}: learned"

                if distance = FeatureDistance.Cosine then
                    Expect.isLessThan row.After.Distance (0.8 * row.Before.Distance) "nearer on images it has not seen"
                    Expect.floatClose Accuracy.medium (1.0 - row.After.Cosine) row.After.Distance "one is the other"

                Expect.stringContains (string result) "stage2 of the student, stage2 of" "evidence"
                Expect.isFalse learned.training "evaluation mode"

                Expect.equal
                    (Seq.length (learned.named_parameters ()))
                    (Seq.length (student.named_parameters ()))
                    "no map stays"

            Expect.equal (StateDict.Digest student, StateDict.Digest teacher) before "arguments"

        testCase "of itself a student learns the labels alone: the features' loss is 0"
        <| fun () ->
            use scope = torch.NewDisposeScope()
            use teacher = network 4 2L
            let struct (_, test) = ImageBatches.Open(scenes, 5L, OpenedImages())

            use features =
                new FeatureTeaching(teacher, [| teacher |], cosine.Features, test, 0L)

            let similarity = features.Measure(test, System.Threading.CancellationToken.None)

            Expect.floatClose Accuracy.medium similarity[0].Cosine 1.0 "cosine with itself"
            let loss = Loss.Feature("a", "b").Apart
            let x = torch.tensor(Array.init 96 (fun i -> u "features" i)).view(2L, 3L, 4L, 4L)
            Expect.isLessThan (loss(x, x * (3.0.ToScalar())).item<float>()) 1e-6 "cosine knows no length"

            let square =
                Loss.Feature("a", "b", FeatureDistance.MeanSquare).Apart(x, x + (2.0.ToScalar()))

            Expect.floatClose Accuracy.high (square.item<float>()) 4.0 "mean square"

        testCase
            "a map is learned where widths differ, goes with checkpoints, and leaves the student's keys as they are"
        <| fun () ->
            use teacher = network 6 2L

            let targets =
                Loss.SoftTargets 2.0 + Loss.Feature("stage2", "stage2", project = true)

            inTemporaryFolder (fun folder ->
                let run epochs resume =
                    let options =
                        DistillOptions(
                            targets,
                            Plan = TrainPlan(Epochs = epochs, Ema = 0.9, Optimizer = Optim.AdamW 1e-2)
                        )

                    (spec 4).Distill(teacher, scenes, options, TrainOptions(Folder = folder, Resume = resume))

                let whole = run 2 false
                use model = whole.Model
                let row = Seq.exactlyOne whole.Evidence.Similarities
                Expect.isGreaterThan row.After.Cosine row.Before.Cosine "nearer"
                let again = run 2 true
                use resumed = again.Model
                Expect.equal (StateDict.Digest resumed) (StateDict.Digest model) "resumed at the end"
                Expect.equal (string again.Evidence.Similarities[0].After) (string row.After) "with its map"
                use fresh = (spec 4).Build 0L
                let keys (m: TrainDoubles.Net) = [ for e in StateDict.Of m -> e.Key ]
                Expect.equal (keys model) (keys fresh) "keys")

        testCase "a map goes with bfloat16, and stored opinions have no features"
        <| fun () ->
            use teacher = network 6 2L

            let targets =
                Loss.SoftTargets 2.0 + Loss.Feature("stage2", "stage2", project = true)

            let half =
                TrainPlan(Epochs = 1, Precision = Precision.Bf16, Optimizer = Optim.AdamW 1e-2)

            let result = (spec 4).Distill(teacher, scenes, DistillOptions(targets, Plan = half))
            use learned = result.Model
            Expect.isTrue (System.Double.IsFinite result.Evidence.TrainLoss[0]) "trained"
            let stored = scenes.Reinforce(teacher, ReinforceOptions(Views = 1))

            failsSaying [ "features: stored opinions have none; teach with live teachers" ] (fun () ->
                (spec 4).Distill(stored, DistillOptions(targets, Plan = plan 1 0L)) |> ignore)

        testCase "two teachers: the mean of both, or one by its number; a seed decides everything"
        <| fun () ->
            use first = network 4 2L
            use second = network 4 3L

            let digest (teachers: TrainDoubles.Net list) targets =
                let result = (spec 4).Distill(teachers, scenes, by targets 1 5L)
                use model = result.Model
                StateDict.Digest model, result.Evidence.Similarities.Count

            let one = digest [ first ] cosine

            let only =
                Loss.Labels.Add(FeatureTargets(Student = "stage2", Teacher = "stage2", Of = System.Nullable 1))

            Expect.equal (digest [ first; second ] only) one "the first alone"
            Expect.equal (digest [ first ] cosine) one "again"
            let both = digest [ first; second ] cosine
            Expect.equal (snd both) 2 "rows"
            Expect.notEqual (fst both) (fst one) "the second matters"

        testCase "unknown paths and what does not fit are said all at once, with the nearest names"
        <| fun () ->
            use teacher = network 6 2L

            let targets =
                Loss.Labels
                + Loss.Feature("stage9", "stage2")
                + Loss.Feature("stage2", "stagee3")
                + Loss.Feature("stage2", "stage2")
                + Loss.Feature("stage1", "stage3")
                + FeatureTargets(Student = "stage1", Teacher = "stage1", Of = System.Nullable 2)

            failsSaying
                [
                    "student mobileone_mini: has no part stage9; did you mean stage"
                    "teacher 1 mobileone_mini: has no part stagee3; did you mean stage3?"
                    "expected equal widths"
                    "learn a map with project: true"
                    "expected equal places"
                    "expected a teacher from 1 to 1"
                ]
                (fun () -> (spec 4).Distill(teacher, scenes, by targets 1 0L) |> ignore)

            failsSaying [ "expected a weight above 0, found -1" ] (fun () ->
                (spec 4)
                    .Distill(teacher, scenes, by (Loss.Labels + Loss.Feature("stage2", "stage2", weight = -1.0)) 1 0L)
                |> ignore)

        testCase "no tensor leaks, with student and teacher tapped"
        <| fun () ->
            use teacher = network 6 2L
            use student = (spec 4).Build 5L
            let struct (train, test) = ImageBatches.Open(scenes, 5L, OpenedImages())
            let targets = [| Loss.Feature("stage2", "stage2", project = true) |]
            use teachers = new LiveTeachers([ teacher ])
            use features = new FeatureTeaching(student, [| teacher |], targets, test, 0L)
            let objective = Distillation(SoftTargets(), teachers, features)

            use training =
                Trainer.Train(features.Trained, plan 3 5L, train, test, TrainOptions(Objective = objective))

            Expect.equal training.LiveTensorsLate training.LiveTensorsEarly "live tensors"
    ]

let private recipes =
    [
        testCase "in a recipe: one JSON in both languages, none more without features, and the function's weights"
        <| fun () ->
            let teacherRecipe =
                recipe (spec 4) {
                    data scenes
                    seed 2L
                    train 1<epoch>
                }

            let fsharp =
                recipe (spec 4) {
                    data scenes
                    distill teacherRecipe (Loss.SoftTargets 2.0 + Loss.Feature("stage2", "stage2"))
                    seed 5L
                    train 1<epoch>
                }

            let json = fsharp.Document.ToJson().ToJsonString()

            let csharp =
                Recipes.Examples.VerbRecipes.DistilledFeatures(spec 4, scenes).Document.ToJson()

            Expect.equal json (csharp.ToJsonString()) "one JSON"

            Expect.stringContains
                json
                "\"features\":[{\"distance\":\"cosine\",\"project\":false,\"student\":\"stage2\",\"teacher\":\"stage2\",\"weight\":1}]"
                "it says which"

            use outcome = fsharp.Run()
            use teacher = teacherRecipe.Run()

            let options =
                DistillOptions(Loss.SoftTargets 2.0 + Loss.Feature("stage2", "stage2"), Plan = fsharp.Document.Train)

            let direct = (spec 4).Distill(teacher.Model, scenes, options)
            use learned = direct.Model
            Expect.equal (StateDict.Digest learned) (StateDict.Digest outcome.Model) "the function's weights"
    ]

[<Tests>]
let tests = torchTests "features" (verb @ recipes)
