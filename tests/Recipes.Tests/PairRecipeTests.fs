/// Reinforcement of captioned images, and recipes that learn from it.
module Recipes.Tests.PairRecipeTests

open System
open System.IO
open System.Text.Json
open Expecto
open TorchSharp
open Recipes
open Recipes.Data
open Recipes.FSharp
open Recipes.Layers
open Recipes.Models
open Recipes.Reports
open Recipes.Reproductions
open Recipes.Training
open Recipes.Verbs
open Recipes.Tests.PairDoubles
open Recipes.Tests.ShardDoubles
open Recipes.Tests.Support

let private reinforceTests =
    [
        testCase "reinforcement does not depend on batches, and teachers stay as they are"
        <| fun () ->
            let again = reinforce 48

            let stored (s: ReinforcedSample) =
                List.ofSeq s.Augmentations, List.ofSeq s.Captions, List.ofSeq s.Synthetic[0].Captions

            for i in 0 .. scenes.Count - 1 do
                let a, b = reinforced.Value[i], again[i]
                Expect.equal (stored b) (stored a) "stored"


                let gap =
                    Array.map2 (fun x y -> abs (x - y)) (a.ImageEmbeddings.Row 1) (b.ImageEmbeddings.Row 1)
                    |> Array.max

                Expect.isLessThan gap 0.01f "embeddings, to bfloat16"

            Expect.isFalse (teachers.Value[0].Network.training) "still in evaluation mode"

        testCase "a stored embedding is the teacher's of the replayed picture"
        <| fun () ->
            let set, teacher = reinforced.Value, teachers.Value[1]
            use scope = torch.NewDisposeScope()
            let view = (set.View(7, 2)).Replay(set.Image 7, 16)

            let pixels =
                (view.ToTensor() / 255.0f.ToScalar() - 0.5f.ToScalar()) / 0.25f.ToScalar()

            let expected =
                (box teacher.Network :?> IPairEncoder).EncodeImage(pixels.unsqueeze 0L)
                |> numbers

            let row = Array.zeroCreate<float32> 128
            set.ImageEmbedding(7, 2, row)
            let gap = Array.map2 (fun x y -> abs (x - y)) expected row[64..] |> Array.max
            Expect.isLessThan gap 0.005f "the second teacher's half"
            Expect.equal (set.Synthetic(7, 1)) "caption 2 of 7" "the captioner's"

        testCase "pictures and samples that do not belong together are named"
        <| fun () ->
            let other = source.Open Split.Test
            let samples = [| for i in 0 .. scenes.Count - 1 -> reinforced.Value[i] |]

            failsSaying [ "expected 16 samples"; "expected the key" ] (fun () ->
                ReinforcedPairs(other, samples, [| 64; 64 |]) |> ignore)

            failsSaying [ "128 wide; expected 96" ] (fun () -> ReinforcedPairs(scenes, samples, [| 64; 32 |]) |> ignore)
    ]

let private tiny: MobileClipSpec = MobileClip.Mini(4, 64, context = 12)

let private teacherDocument =
    (pair_recipe tiny {
        data (CaptionData(source, Size = 16, BatchSize = 16))
        seed 7L
        train 1<epoch>
    })
        .Document

let private step' = ReinforceStep(By = [| teacherDocument |], Views = 2)

let private distilled number =
    pair_recipe tiny {
        data (CaptionData(source, Size = 16, BatchSize = 16))
        reinforce step'
        distill (ContrastiveTargets())
        clip 1.0
        seed number
        train 2<epoch>
        reparameterize 1e-3
    }

let private recipeTests =
    [
        testCase "a recipe's problems come all together"
        <| fun () ->
            failsSaying
                [
                    "epochs: expected at least 1"
                    "data.batchSize"
                    "knows 16 token ids"
                    "need synthetic ones"
                    "expected teachers, found none"
                    "part: expected at least 1 pair"
                ]
                (fun () ->
                    let model = MobileClip.Mini(4, 64, vocabulary = 16)

                    Recipe
                        .For(model)
                        .On(CaptionData(source, BatchSize = 1, Mix = CaptionMix.Both))
                        .Distill(ContrastiveTargets())
                        .InParts(0)
                        .Train(0)
                    |> ignore)

        testCase "a recipe trains from its reinforced set, folds, and its teacher is trained once for all arms"
        <| fun () ->
            inTemporaryFolder (fun home ->
                use shared = new SharedWork(home)
                use a = (distilled 1L).Run(null, "cpu", shared)
                use b = (distilled 2L).Run(null, "cpu", shared)
                let made = Directory.GetDirectories home |> Array.map Path.GetFileName |> Array.sort
                Expect.hasLength made 2 "the teacher and the store, each once"
                Expect.stringStarts made[0] "reinforced-" "named by its recipe"
                Expect.stringStarts made[1] "teacher-" "named by its recipe"
                Expect.isTrue (File.Exists(Path.Combine(home, made[0], "manifest.json"))) "shards"
                Expect.equal a.Training.Steps 6L "steps"
                Expect.notEqual a.Evaluation.Loss b.Evaluation.Loss "seeds differ"
                Expect.isLessThan a.Folded.Evidence.RelativeDifference 1e-3 "folded"

                Expect.equal
                    (a.Distilled.Pairs, a.Distilled.After.Count)
                    (48, 1)
                    "agreement with the one teacher, on all images"

                Expect.all
                    [ yield! a.Distilled.Before; yield! a.Distilled.After ]
                    (fun s -> s >= 0.0 && s <= 1.0)
                    "shares"

                Expect.equal a.Evaluation.Count 16 "test images"

                for number in [ "i2t_recall1"; "t2i_recall10"; "pair_loss" ] do
                    Expect.isTrue (a.Evaluation.Numbers.ContainsKey number) number)

        testCase "what was left out of stored pictures is counted in the outcome and in the arm's numbers"
        <| fun () ->
            // Stored captions are read with CLIP's vocabulary.
            try
                ClipTokenizer.Open() |> ignore
            with :? MissingDataException as e ->
                skiptest $"skipped: {e.Problems[0]}"

            inTemporaryFolder (fun folder ->
                let members =
                    [
                        for i in 0..7 do
                            $"s{i}.png", picture 16 (byte (30 * i), 2uy, 3uy)
                            $"s{i}.txt", utf8 $"a red circle"
                        "bad.png", utf8 "no picture"
                        "bad.txt", utf8 "a blue square"
                    ]

                let stored = ShardedCaptionDoubles.whole (write folder "a.tar" (tar members))

                let training =
                    Recipe
                        .For(MobileClip.Mini(4, 64, vocabulary = ClipTokenizer.Known))
                        .On(CaptionData(stored.SkipBad(), Size = 16, BatchSize = 8))
                        .Train
                        1

                use outcome = training.Run()

                Expect.equal
                    [ for r in outcome.LeftOut -> r.Samples, r.Skipped ]
                    [ 8, 1; 8, 1 ]
                    "training and test part"

                Expect.stringContains (outcome.ToString()) "1 left out" "it says so"
                use shared = new SharedWork()

                let result =
                    (training :> IExperiment).Run("a", 0L, Surroundings(TrainOptions(), "cpu", shared))

                Expect.equal result["left_out"] 2.0 "in the arm's numbers"

                Expect.throwsT<RecipesException>
                    (fun () ->
                        (Recipe.For(MobileClip.Mini(4, 64)).On(CaptionData(stored)).Train 1).Run()
                        |> ignore)
                    "else it stops")

        testCase "the chart of learning shows arms by images seen, with their range over seeds"
        <| fun () ->
            let settings = Settings.Create([], Scale.Laptop, 0L, [])
            let results = Results(settings, [| 0L; 1L |])

            let add arm seed curve =
                results.Add(
                    ArmResult(
                        Arm = arm,
                        Seed = seed,
                        Recipe = Nodes.JsonObject(),
                        Numbers = readOnlyDict [],
                        Curve =
                            [|
                                for i, top1 in List.indexed curve -> CurvePoint(float (i + 1), 1.0, 1.0, top1)
                            |]
                    )
                )

            add "plain" 0L [ 10.0; 20.0 ]
            add "plain" 1L [ 12.0; 30.0 ]
            add "brief" 0L [ 5.0 ]

            let figure =
                MobileClipFigures.Learning(results, 100, [| "plain"; "brief"; "absent" |])
                |> Seq.exactlyOne

            let text = figure.ToHtml()

            for part in [ "images seen"; "plain"; "200" ] do
                Expect.stringContains text part part

            Expect.isFalse (text.Contains "brief") "one epoch is no curve"
            Expect.isEmpty (MobileClipFigures.Learning(results, 100, [| "absent" |])) "nothing to show"

        testCase "the same recipe gives the same bits, in one go or resumed"
        <| fun () ->
            inTemporaryFolder (fun home ->
                let weights (o: PairOutcome) =
                    [ for struct (_, p) in o.Model.named_parameters () -> numbers p ]

                use whole = (distilled 1L).Run()
                use stop = new Threading.CancellationTokenSource()

                let stopping =
                    { new ITrainingObserver with
                        member _.Handle(_, progress) =
                            if progress.Step >= 2L && progress.Epochs = 2 then
                                stop.Cancel()
                    }

                use shared = new SharedWork(Path.Combine(home, "shared"))
                let folder = Path.Combine(home, "arm")

                Expect.throwsT<TrainingCancelledException>
                    (fun () ->
                        (distilled 1L)
                            .Run(
                                TrainOptions(Folder = folder, Cancellation = stop.Token, Observers = [| stopping |]),
                                "cpu",
                                shared
                            )
                        |> ignore)
                    "cancelled"

                use resumed =
                    (distilled 1L).Run(TrainOptions(Folder = folder, Resume = true), "cpu", shared)

                Expect.isGreaterThan resumed.Training.ResumedAt 0L "went on"
                Expect.equal (weights resumed) (weights whole) "bits")
    ]

[<Tests>]
let tests = torchTests "reinforced pairs" (reinforceTests @ recipeTests)
