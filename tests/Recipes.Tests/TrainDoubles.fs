/// Small networks and three classes of coloured noise.
module Recipes.Tests.TrainDoubles

open TorchSharp
open Recipes.Training

type Net = torch.nn.Module<torch.Tensor, torch.Tensor>

/// Images of three classes that differ in mean colour, with noise; easy to learn.
let images count batch seed =
    torch.manual_seed 5L |> ignore
    let labels = torch.arange(int64 count).remainder(torch.tensor 3L)
    let x = torch.randn (int64 count, 3L, 8L, 8L)

    let signal =
        torch.nn.functional.one_hot(labels, 3L).``to``(torch.float32).view(int64 count, 3L, 1L, 1L)

    let seed = seed |> Option.toNullable
    TensorSource("colours", x.add_ signal, labels.``to`` torch.int64, 3, batch, seed)

let convNet seed =
    torch.manual_seed seed |> ignore

    torch.nn.Sequential(
        struct ("conv", torch.nn.Conv2d(3L, 6L, 3L) :> Net),
        struct ("norm", torch.nn.BatchNorm2d 6L :> Net),
        struct ("act", torch.nn.ReLU() :> Net),
        struct ("pool", torch.nn.AdaptiveAvgPool2d 1L :> Net),
        struct ("flat", torch.nn.Flatten() :> Net),
        struct ("head", torch.nn.Linear(6L, 3L) :> Net)
    )

let linear seed =
    torch.manual_seed seed |> ignore
    torch.nn.Sequential(struct ("flat", torch.nn.Flatten() :> Net), struct ("fc", torch.nn.Linear(192L, 3L) :> Net))
