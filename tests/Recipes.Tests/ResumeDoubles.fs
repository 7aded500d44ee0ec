/// A small network with dropout and a noisy data set, and what must be equal after a resume.
module Recipes.Tests.ResumeDoubles

open System
open System.IO
open System.Text.Json
open TorchSharp
open Recipes.Training
open Recipes.Weights

type Net = torch.nn.Module<torch.Tensor, torch.Tensor>

let data () =
    torch.manual_seed 5L |> ignore
    let labels = torch.arange(40L).remainder(torch.tensor 3L)
    TensorSource("noise", torch.randn (40L, 3L, 6L, 6L), labels.``to`` torch.int64, 3, 4, 9L)

let test () =
    torch.manual_seed 6L |> ignore

    TensorSource(
        "noise/test",
        torch.randn (9L, 3L, 6L, 6L),
        torch.arange(9L).remainder(torch.tensor 3L).``to`` torch.int64,
        3,
        4
    )

/// Convolution, norm, dropout and a layer wide enough that writing a checkpoint takes a while.
let network width seed =
    torch.manual_seed seed |> ignore

    torch.nn.Sequential(
        struct ("conv", torch.nn.Conv2d(3L, 4L, 3L) :> Net),
        struct ("norm", torch.nn.BatchNorm2d 4L :> Net),
        struct ("flat", torch.nn.Flatten() :> Net),
        struct ("wide", torch.nn.Linear(64L, width) :> Net),
        struct ("drop", torch.nn.Dropout 0.3 :> Net),
        struct ("head", torch.nn.Linear(width, 3L) :> Net)
    )

/// What must be equal: every weight and statistic, the averaged ones, and the losses of all epochs, in bits.
let outcome (net: Net) (result: TrainResult) =
    let bytes (t: torch.Tensor) =
        use stream = new MemoryStream()
        TensorBytes.WriteTo(stream, t)
        Convert.ToHexString(Security.Cryptography.SHA256.HashData(stream.ToArray()))

    let raw = [ for e in StateDict.Of net -> e.Key, (bytes e.Value)[..11] ]

    let average =
        if isNull result.Ema then
            []
        else
            [ for e in result.Ema -> e.Key, (bytes e.Value)[..11] ]

    let history =
        [
            for r in result.History ->
                r.Epoch, r.Step, r.TrainLoss, r.LearningRate, r.WeightDecay, r.TestLoss, r.Top1, r.EmaLoss
        ]

    raw, average, history

let checkpoints folder =
    Directory.GetFiles(Path.Combine(folder, "checkpoints")) |> Array.sort

let trainSteps folder =
    [
        for line in File.ReadAllLines(Path.Combine(folder, "metrics.jsonl")) do
            let row = JsonDocument.Parse(line).RootElement
            row.GetProperty("split").GetString(), row.GetProperty("step").GetInt64()
    ]
