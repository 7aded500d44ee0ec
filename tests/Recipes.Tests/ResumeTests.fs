module Recipes.Tests.ResumeTests

open System
open System.IO
open System.Text.Json
open System.Threading
open Expecto
open TorchSharp
open Recipes.Training
open Recipes.Weights
open Recipes.Tests.ResumeDoubles
open Recipes.Tests.Support

let private sgd =
    TrainPlan(
        Epochs = 3,
        Optimizer = Optim.Sgd(0.05, weightDecay = 1e-3),
        WeightDecay = Schedule.Cosine(``end`` = 0.1),
        Mixup = 0.3,
        CutMix = 1.0,
        LabelSmoothing = 0.1,
        Ema = 0.9,
        EmaWarmup = true,
        ClipNorm = 1.0,
        Accumulate = 2,
        Seed = 11L
    )

let private adamw =
    TrainPlan(
        Epochs = 3,
        Optimizer = Optim.AdamW 1e-2,
        LearningRate = Schedule.Cosine(warmup = 0.5),
        Ema = 0.9,
        Seed = 12L
    )

/// Cancels when this many steps are done.
type private StopAt(step: int64) =
    let source = new CancellationTokenSource()
    member _.Token = source.Token

    interface ITrainingObserver with
        member _.Handle(moment, progress) =
            if moment = TrainingEvent.StepEnd && progress.Step = step then
                source.Cancel()

let private uninterrupted plan =
    use net = network 8L 1L
    use result = Trainer.Train(net, plan, data (), test ())
    outcome net result

/// Trains with an interruption after each of these steps, and resumes with a fresh network every time.
let private interrupted folder plan (stops: int64 list) =
    for i, stop in List.indexed stops do
        let stopAt = StopAt stop
        use metrics = new MetricsFile(folder)

        let options =
            TrainOptions(Folder = folder, Resume = true, Cancellation = stopAt.Token, Observers = [| metrics; stopAt |])

        let e =
            Expect.throwsC
                (fun () ->
                    Trainer.Train(network 8L (if i = 0 then 1L else 77L), plan, data (), test (), options)
                    |> ignore)
                id

        Expect.equal (e :?> TrainingCancelledException).Step stop "stopped after its step"

    use net = network 8L 78L
    use metrics = new MetricsFile(folder)

    use result =
        Trainer.Train(
            net,
            plan,
            data (),
            test (),
            TrainOptions(Folder = folder, Resume = true, Observers = [| metrics |])
        )

    outcome net result

[<Tests>]
let tests =
    torchTests
        "resume"
        [
            for name, plan, stops in
                [
                    "SGD, accumulation, mixing, average: inside epochs", sgd, [ 2L; 3L; 8L ]
                    "SGD: at an epoch's last step", sgd, [ 5L; 10L ]
                    "AdamW: inside epochs", adamw, [ 1L; 14L; 29L ]
                ] do
                testCase $"N + resume + N equals 2N bit by bit ({name})"
                <| fun () ->
                    inTemporaryFolder (fun folder ->
                        let expected = uninterrupted plan
                        Expect.equal (uninterrupted plan) expected "two runs of one plan"
                        Expect.equal (interrupted folder plan stops) expected "interrupted runs"
                        // No metrics row is lost or doubled.
                        let perEpoch = 10L / int64 plan.Accumulate

                        let rows =
                            [
                                for step in 1L .. 3L * perEpoch do
                                    "train", step

                                    if step % perEpoch = 0L then
                                        "test", step
                                        "ema", step
                            ]

                        Expect.equal (trainSteps folder) rows "metrics.jsonl"
                        Expect.hasLength (checkpoints folder) 2 "two checkpoints are kept")

            testCase "a run without a plan for interruption ends the same with checkpoints as without"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    use net = network 8L 1L

                    use result =
                        Trainer.Train(net, sgd, data (), test (), TrainOptions(Folder = folder, CheckpointSteps = 1))

                    Expect.equal (outcome net result) (uninterrupted sgd) "writing checkpoints changes nothing"
                    // A finished run resumes to its end without a step.
                    use again = network 8L 3L

                    use finished =
                        Trainer.Train(again, sgd, data (), test (), TrainOptions(Folder = folder, Resume = true))

                    let _, _, history = outcome again finished
                    let _, _, expected = uninterrupted sgd
                    Expect.equal history expected "history"
                    Expect.equal finished.ResumedAt finished.Steps "no step was taken"
                    Expect.equal finished.Final.Loss result.Final.Loss "and it is evaluated all the same")

            testCase "a damaged newest checkpoint is passed over with a warning; if all are, that is the error"
            <| fun () ->
                for damage in [ "truncated"; "a flipped bit"; "empty" ] do
                    inTemporaryFolder (fun folder ->
                        let stopAt = StopAt 7L

                        let options =
                            TrainOptions(
                                Folder = folder,
                                CheckpointSteps = 1,
                                Cancellation = stopAt.Token,
                                Observers = [| stopAt |]
                            )

                        Expect.throwsT<TrainingCancelledException>
                            (fun () -> Trainer.Train(network 8L 1L, sgd, data (), test (), options) |> ignore)
                            "stopped"

                        let spoil (file: string) =
                            let bytes = File.ReadAllBytes file

                            match damage with
                            | "truncated" -> File.WriteAllBytes(file, bytes[.. bytes.Length / 2])
                            | "empty" -> File.WriteAllBytes(file, [||])
                            | _ ->
                                bytes[bytes.Length - 9] <- bytes[bytes.Length - 9] ^^^ 1uy
                                File.WriteAllBytes(file, bytes)

                        let newest = Array.last (checkpoints folder)
                        Expect.stringContains newest "step-000000007" "the newest"
                        spoil newest
                        let warnings = ResizeArray()

                        let watch =
                            ProgressObserver(fun moment p ->
                                if moment = TrainingEvent.Warning then
                                    warnings.Add p.Message)

                        use net = network 8L 2L

                        use result =
                            Trainer.Train(
                                net,
                                sgd,
                                data (),
                                test (),
                                TrainOptions(Folder = folder, Resume = true, Observers = [| watch |])
                            )

                        Expect.equal result.ResumedAt 6L damage
                        Expect.hasLength warnings 1 "one warning"
                        Expect.stringContains warnings[0] "step-000000007" "names the file"
                        Expect.equal (outcome net result) (uninterrupted sgd) "and the end is the same"

                        Array.iter spoil (checkpoints folder)

                        failsSaying [ "no checkpoint can be read"; "without --resume" ] (fun () ->
                            Trainer.Train(
                                network 8L 2L,
                                sgd,
                                data (),
                                test (),
                                TrainOptions(Folder = folder, Resume = true)
                            )
                            |> ignore))

            testCase "a checkpoint of another plan, data or model is an error that names every difference"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    use _ =
                        Trainer.Train(network 8L 1L, adamw, data (), null, TrainOptions(Folder = folder))

                    let resume net plan () =
                        Trainer.Train(net, plan, data (), null, TrainOptions(Folder = folder, Resume = true))
                        |> ignore

                    failsSaying
                        [
                            "belongs to another run"
                            "plan.seed: checkpoint 12, now 11"
                            "plan.optimizer.kind: checkpoint \"adamw\", now \"sgd\""
                            "plan.accumulate"
                        ]
                        (resume (network 8L 1L) sgd)

                    failsSaying [ "belongs to another run"; "has other parameters" ] (resume (network 16L 1L) adamw)
                    Expect.hasLength (checkpoints folder) 2 "the checkpoints are untouched")
        ]
