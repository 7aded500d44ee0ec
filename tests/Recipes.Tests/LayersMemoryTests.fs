/// Training leaves no tensors behind: the number of live ones is the same after every step.
module Recipes.Tests.LayersMemoryTests

open Expecto
open Recipes.Layers
open Recipes.Models
open Recipes.Tests.Support
open TorchSharp

let private step (network: torch.nn.Module<torch.Tensor, torch.Tensor>) (optimizer: torch.optim.Optimizer) =
    use scope = torch.NewDisposeScope()
    let logits = network.call (torch.randn (2L, 3L, 32L, 32L))
    let loss = torch.nn.functional.cross_entropy (logits, torch.randint (10L, [| 2L |]))
    optimizer.zero_grad ()
    loss.backward ()
    optimizer.step () |> ignore

[<Tests>]
let tests =
    torchTests
        "layers memory"
        [
            for spec in
                [
                    MobileOne.S0 10
                    MobileOne.S1 10
                    MobileOne.S2 10
                    MobileOne.S3 10
                    MobileOne.S4 10
                    MobileOne.Mini()
                ] do
                testCase $"{spec.Name}: live tensors are flat from step 2 to step 4"
                <| fun () ->
                    soundOneDnn ()
                    use network = new MobileOne(spec)
                    use optimizer = torch.optim.SGD(network.parameters (), 0.01, momentum = 0.9)

                    let live =
                        [
                            for _ in 1..4 do
                                step network optimizer
                                DisposeScopeManager.Statistics.ThreadTotalLiveCount
                        ]

                    let after = live |> List.skip 1 |> List.distinct
                    Expect.hasLength after 1 $"live tensors after each step: {live}"
        ]
