/// The law of folding: whatever the block's shape, one convolution computes what its branches did.
module Recipes.Tests.FoldingTests

open System
open Expecto
open Recipes.Layers
open Recipes.Tests.Support
open TorchSharp

let private pick (rng: Random) (options: 'a list) = options[rng.Next options.Length]

/// A block of random shape: kernel, groups (one, depthwise or a divisor), stride, branches, scale, skip, SE.
let private randomSpec (rng: Random) =
    let kernel = pick rng [ 1L; 3L; 5L ]
    let groups = pick rng [ 1L; 2L; 4L; 0L ]
    let cin = 4L * int64 (rng.Next(1, 9))
    let groups = if groups = 0L then cin else groups

    let cout =
        if rng.Next 2 = 0 then
            cin
        else
            groups * int64 (rng.Next(1, 6))

    let stride = int64 (rng.Next(1, 3))

    MobileOneBlockSpec(
        cin,
        cout,
        kernel,
        stride,
        groups,
        Branches = rng.Next(1, 5),
        Scale = (rng.Next 2 = 0),
        Skip = (rng.Next 3 > 0),
        SqueezeExcite = (cout >= 16L && rng.Next 3 = 0),
        Activation = pick rng [ Activation.None; Activation.Relu; Activation.Gelu ]
    )

let private difference (spec: MobileOneBlockSpec) seed dtype =
    use scope = torch.NewDisposeScope()
    use _ = torch.no_grad ()
    torch.manual_seed (int64 seed) |> ignore
    use block = new MobileOneBlock(spec)

    for m in block.modules () do
        match m with
        | :? Modules.BatchNorm2d as norm ->
            norm.running_mean.normal_ (0., 0.5) |> ignore
            norm.running_var.uniform_ (0.3, 3.) |> ignore
            norm.weight.normal_ (0., 1.) |> ignore
            norm.bias.normal_ (0., 0.5) |> ignore
        | _ -> ()

    block.eval ()
    block.``to`` (dtype: torch.ScalarType) |> ignore
    let x = torch.randn ([| 2L; spec.ChannelsIn; 9L; 7L |], dtype = dtype)
    let before = block.call x
    block.Fold()
    let after = block.call x

    (before - after).abs().max().``to``(torch.float64).item<float>()
    / max 1e-3 (before.abs().max().``to``(torch.float64).item<float>())

[<Tests>]
let tests =
    torchTests
        "folding"
        [
            for dtype, tolerance in [ torch.float32, 1e-5; torch.float64, 1e-12 ] do
                testPropertyWithConfig
                    { FsCheckConfig.defaultConfig with
                        maxTest = 60
                    }
                    $"keeps the outputs of random blocks in {dtype}"
                <| fun (seed: int) ->
                    let spec = randomSpec (Random seed)
                    Expect.isLessThanOrEqual (difference spec seed dtype) tolerance $"{spec}"
        ]
