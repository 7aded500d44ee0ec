module Recipes.Tests.TrainPictureTests

open System.Threading
open Expecto
open TorchSharp
open Recipes.Data
open Recipes.Training
open Recipes.Tests.Support

type private Net = torch.nn.Module<torch.Tensor, torch.Tensor>

let private pictures =
    let source = Datasets.Scenes(48, 16)

    let loader workers =
        ImageLoader(
            source.Open Split.Train,
            Augment.None.RandomResizedCrop().Flip(),
            8,
            16,
            source.Normalization,
            Seed = 3L,
            DropLast = true,
            Workers = workers
        )

    let test () =
        ImageBatches(ImageLoader.ForEvaluation(source.Open Split.Test, 8, 16, source.Normalization))

    let classifier seed =
        torch.manual_seed seed |> ignore

        torch.nn.Sequential(
            struct ("conv", torch.nn.Conv2d(3L, 6L, 3L, stride = 2) :> Net),
            struct ("pool", torch.nn.AdaptiveAvgPool2d 1L :> Net),
            struct ("flat", torch.nn.Flatten() :> Net),
            struct ("head", torch.nn.Linear(6L, 10L) :> Net)
        )

    let plan =
        TrainPlan(Epochs = 3, Ema = 0.9, Progressive = [| ResolutionPhase(0.0, 12, 0.5); ResolutionPhase(0.5, 16) |])

    [
        testCase "scenes train through the prefetching loader; nothing leaks, and workers change no bit"
        <| fun () ->
            let run workers =
                use net = classifier 1L
                use result = Trainer.Train(net, plan, ImageBatches(loader workers), test ())
                Expect.equal result.LiveTensorsLate result.LiveTensorsEarly "flat"
                [ for row in result.History -> row.TrainLoss, row.TestLoss, row.EmaLoss ]

            Expect.equal (run 2) (run 0) "losses"

        testCase "a run resumes inside an epoch of the prefetching loader"
        <| fun () ->
            inTemporaryFolder (fun folder ->
                let train resume stop =
                    use cancel = new CancellationTokenSource()

                    let watch =
                        ProgressObserver(fun moment p ->
                            if moment = TrainingEvent.StepEnd && p.Step = stop then
                                cancel.Cancel())

                    let options =
                        TrainOptions(
                            Folder = (if resume then folder else null),
                            Resume = resume,
                            Cancellation = cancel.Token,
                            Observers = [| watch |]
                        )

                    use result =
                        Trainer.Train(classifier 1L, plan, ImageBatches(loader 2), test (), options)

                    [ for row in result.History -> row.TrainLoss, row.TestLoss, row.EmaLoss ]

                Expect.throwsT<TrainingCancelledException> (fun () -> train true 8L |> ignore) "stopped"
                Expect.equal (train true -1L) (train false -1L) "losses")
    ]

[<Tests>]
let tests = torchTests "train" [ testList "pictures" pictures ]
