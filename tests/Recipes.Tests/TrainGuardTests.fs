module Recipes.Tests.TrainGuardTests

open System
open System.IO
open System.Text.Json
open Expecto
open TorchSharp
open Recipes.Training
open Recipes.Tests.TrainDoubles
open Recipes.Tests.Support

let private guards =
    [
        testCase "a loss that is not finite stops with step, loss and parameter; the last good checkpoint stays"
        <| fun () ->
            let poison =
                { new ITrainingAlgorithm with
                    member _.Name = "poison"

                    member _.Handle(moment, state) =
                        if moment = TrainingEvent.LossReady && state.Step = 5L then
                            state.Loss <- state.Loss * Single.NaN
                }

            inTemporaryFolder (fun folder ->
                let options =
                    TrainOptions(Algorithms = [| poison |], Folder = folder, CheckpointSteps = 2)

                failsSaying
                    [
                        "step 6"
                        "epoch 1"
                        "learning rate"
                        "losses before:"
                        "fc.weight (gradient)"
                        "step-000000004"
                    ]
                    (fun () ->
                        Trainer.Train(linear 1L, TrainPlan(Epochs = 3), images 16 4 (Some 3L), null, options)
                        |> ignore))

        testCase "a step that is not finite can be left out, and harms nothing"
        <| fun () ->
            let poison =
                { new ITrainingAlgorithm with
                    member _.Name = "poison"

                    member _.Handle(moment, state) =
                        if moment = TrainingEvent.BatchReady && state.Step = 3L then
                            state.Inputs <- state.Inputs * Single.NaN
                }

            use net = convNet 1L
            let plan = TrainPlan(Epochs = 2, NonFinite = NonFinite.SkipStep, Ema = 0.9)

            use result =
                Trainer.Train(
                    net,
                    plan,
                    images 32 8 (Some 3L),
                    images 12 8 None,
                    TrainOptions(Algorithms = [| poison |])
                )

            Expect.equal result.Skipped 1 "one step"

            Expect.isTrue
                (Double.IsFinite result.Final.Loss && Double.IsFinite result.FinalEma.Loss)
                "statistics and average stay finite"

        testCase "what does not fit together is said at once, before anything runs"
        <| fun () ->
            failsSaying [ "epochs"; "do not make one step"; "2 classes" ] (fun () ->
                let test =
                    TensorSource("two", torch.zeros (2L, 1L), torch.zeros (2L, torch.int64), 2, 1)

                Trainer.Train(linear 1L, TrainPlan(Epochs = 0, Accumulate = 100), images 16 4 None, test)
                |> ignore)

            failsSaying [ "logits [B, 3]"; "[4, 5]"; "classes" ] (fun () ->
                use head =
                    torch.nn.Sequential(torch.nn.Flatten() :> Net, torch.nn.Linear(192L, 5L) :> Net)

                Evaluator.Evaluate(head, images 4 4 None) |> ignore)

        testCase "metrics and TensorBoard events are written as training goes"
        <| fun () ->
            inTemporaryFolder (fun folder ->
                use metrics = new MetricsFile(folder)

                let options =
                    TrainOptions(Folder = folder, Observers = [| metrics; TensorBoardEvents(folder, 1) |])

                use result =
                    Trainer.Train(
                        convNet 1L,
                        TrainPlan(Epochs = 2, Ema = 0.9),
                        images 16 8 (Some 3L),
                        images 9 3 None,
                        options
                    )

                let rows =
                    File.ReadAllLines(Path.Combine(folder, "metrics.jsonl"))
                    |> Array.map (fun l -> JsonDocument.Parse(l).RootElement)

                let split = [ for r in rows -> r.GetProperty("split").GetString() ]
                Expect.equal split [ "train"; "train"; "test"; "ema"; "train"; "train"; "test"; "ema" ] "rows"
                Expect.equal (rows[6].GetProperty("top1").GetDouble()) result.Final.Top1 "top-1"
                Expect.equal (rows[5].GetProperty("step").GetInt64()) 4L "step"

                for name in [ "lr"; "wd"; "loss"; "images_per_s"; "elapsed_s"; "epoch" ] do
                    Expect.isTrue (rows |> Array.forall (fun r -> r.TryGetProperty name |> fst)) name

                let events = Directory.GetFiles(Path.Combine(folder, "tensorboard"), "*tfevents*")
                Expect.hasLength events 1 "one event file"
                // Records are length, checksum, data, checksum; their lengths must add up to the file's.
                let bytes = File.ReadAllBytes events[0]

                let rec records at =
                    if at = bytes.Length then
                        0
                    else
                        1 + records (at + 16 + int (BitConverter.ToInt64(bytes, at)))

                Expect.equal (records 0) (1 + 4 * 5 + 2 * 5) "records: version, 5 a step, 5 an epoch")
    ]

[<Tests>]
let tests = torchTests "train" [ testList "guards" guards ]
