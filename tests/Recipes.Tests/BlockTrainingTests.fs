/// The training-mode form that computes all branches of a block together is the form branch by branch, only faster.
module Recipes.Tests.BlockTrainingTests

open System
open Expecto
open Recipes.Layers
open Recipes.Tests.Support
open TorchSharp

type private Sides =
    {
        Output: float[]
        Gradients: (string * float[]) list
        Buffers: (string * float[]) list
    }

let private values (t: torch.Tensor) =
    use wide = t.detach().contiguous().``to`` torch.float64
    wide.data<float>().ToArray()

let private randomise (seed: int64) (m: torch.nn.Module) =
    use _ = torch.no_grad ()
    use generator = new torch.Generator(uint64 seed)

    for struct (name, p) in m.named_parameters () do
        if name.EndsWith "bn.weight" || name = "rbr_skip.weight" then
            p.uniform_ (0.5, 1.5, generator) |> ignore
        elif p.dim () = 1L then
            p.normal_ (0., 0.3, generator) |> ignore

/// Output, gradients and statistics of one training step (or several passes) of a block, in one of its two forms.
let private run simple (spec: MobileOneBlockSpec) dtype passes prepare (input: torch.Tensor) =
    use scope = torch.NewDisposeScope()
    torch.manual_seed 11L |> ignore
    use block = new MobileOneBlock(spec)
    randomise 5L block
    block.``to`` (dtype: torch.ScalarType) |> ignore
    prepare block
    MobileOneBlock.BranchByBranch <- simple

    try
        let x = input.detach().clone().requires_grad_(spec.ChannelsIn > 4L)
        // The same block several times in one graph, as a shared block would be.
        let mutable y = block.call x

        for _ in 2..passes do
            y <- y + block.call (x * 0.5)

        torch.manual_seed 12L |> ignore
        (y * torch.randn (y.shape, dtype = y.dtype)).sum().backward()

        {
            Output = values y
            Gradients =
                [
                    if x.requires_grad then
                        "input", values x.grad
                    for struct (name, p) in block.named_parameters () do
                        if p.requires_grad then
                            name, (if isNull p.grad then [||] else values p.grad)
                ]
            Buffers = [ for struct (name, b) in block.named_buffers () -> name, values b ]
        }
    finally
        MobileOneBlock.BranchByBranch <- false

let private close tolerance what (expected: float[]) (actual: float[]) =
    Expect.equal actual.Length expected.Length $"{what}: size"
    let size = expected |> Array.fold (fun m v -> max m (abs v)) 1e-3

    let worst =
        Array.fold2
            (fun m a b ->
                max
                    m
                    (if Double.IsNaN a || Double.IsNaN b then
                         infinity
                     else
                         abs (a - b)))
            0.
            expected
            actual

    Expect.isLessThanOrEqual (worst / size) tolerance $"{what}: largest difference relative to {size}"

let private agree tolerance spec dtype passes prepare (input: torch.Tensor) =
    use input = input.``to`` (dtype: torch.ScalarType)
    let simple = run true spec dtype passes prepare input
    let fast = run false spec dtype passes prepare input
    close tolerance "output" simple.Output fast.Output
    // Branch gradients are small differences of large sums; their common scale is that of the largest.
    let scale (gs: (string * float[]) list) =
        gs
        |> List.collect (snd >> List.ofArray)
        |> List.fold (fun m v -> max m (abs v)) 1e-3

    for (name, a), (name', b) in List.zip simple.Gradients fast.Gradients do
        Expect.equal name' name "the same parameters have gradients"

        if name = "input" then
            close tolerance name a b
        else
            let largest = scale (List.filter (fst >> (<>) "input") simple.Gradients)
            close tolerance $"gradient of {name}" (Array.append [| largest |] a) (Array.append [| largest |] b)

    for (name, a), (_, b) in List.zip simple.Buffers fast.Buffers do
        close tolerance name a b

let private images (seed: int64) (shape: int64 list) channelsLast =
    torch.manual_seed seed |> ignore
    let x = torch.randn (List.toArray shape)

    if channelsLast then
        x.permute(0L, 2L, 3L, 1L).contiguous().permute(0L, 3L, 1L, 2L)
    else
        x

let private pointwise cin cout k =
    MobileOneBlockSpec(cin, cout, 1L, Branches = k)

let private depthwise c stride k =
    MobileOneBlockSpec(c, c, 3L, stride, c, Branches = k)

type MobileOneBlockSpec with

    member spec.With(?scale, ?skip, ?squeezeExcite, ?activation) =
        MobileOneBlockSpec(
            spec.ChannelsIn,
            spec.ChannelsOut,
            spec.Kernel,
            spec.Stride,
            spec.Groups,
            Branches = spec.Branches,
            Scale = defaultArg scale spec.Scale,
            Skip = defaultArg skip spec.Skip,
            SqueezeExcite = defaultArg squeezeExcite spec.SqueezeExcite,
            Activation = defaultArg activation spec.Activation
        )

let private same = ignore<MobileOneBlock>

[<Tests>]
let tests =
    torchTests
        "block training"
        [
            for name, spec, shape in
                [
                    "pointwise with skip", pointwise 24L 24L 4, [ 3L; 24L; 6L; 5L ]
                    "pointwise without skip", pointwise 12L 20L 3, [ 3L; 12L; 6L; 5L ]
                    "depthwise", depthwise 16L 1L 4, [ 3L; 16L; 7L; 6L ]
                    "depthwise, odd channels", depthwise 13L 1L 2, [ 5L; 13L; 4L; 4L ]
                    "depthwise, stride 2", depthwise 9L 2L 4, [ 4L; 9L; 7L; 8L ]
                    "depthwise, one column", depthwise 8L 1L 4, [ 4L; 8L; 5L; 1L ]
                    "depthwise, one pixel", depthwise 8L 1L 1, [ 6L; 8L; 1L; 1L ]
                    "depthwise, 2x2", depthwise 8L 2L 4, [ 7L; 8L; 2L; 2L ]
                    "depthwise, larger", depthwise 8L 1L 4, [ 3L; 8L; 30L; 33L ]
                ] do
                for channelsLast in [ false; true ] do
                    testCase $"{name} (channels-last {channelsLast}) in float64"
                    <| fun () -> agree 1e-10 spec torch.float64 1 same (images 3L shape channelsLast)

                testCase $"{name} in float32"
                <| fun () -> agree 3e-5 spec torch.float32 1 same (images 3L shape true)

            testCase "means 30 times the deviation cost no accuracy"
            <| fun () ->
                for spec in [ pointwise 24L 24L 4; depthwise 16L 1L 4 ] do
                    use x = images 3L [ 8L; spec.ChannelsIn; 8L; 8L ] true
                    use x = x + 30.
                    agree 3e-4 spec torch.float32 1 same x
                    agree 1e-9 spec torch.float64 1 same x

            testCase "other activations and squeeze-and-excitation"
            <| fun () ->
                for spec in [ pointwise 32L 32L 2; depthwise 32L 1L 2 ] do
                    let x = images 3L [ 4L; 32L; 6L; 6L ] true
                    agree 1e-10 (spec.With(squeezeExcite = true)) torch.float64 1 same x
                    agree 1e-10 (spec.With(activation = Activation.Gelu)) torch.float64 1 same x
                    agree 1e-10 (spec.With(activation = Activation.None)) torch.float64 1 same x

            testCase "a block used twice in one graph, and gradients accumulated"
            <| fun () ->
                for spec in [ pointwise 24L 24L 4; depthwise 16L 1L 4 ] do
                    agree 1e-10 spec torch.float64 3 same (images 3L [ 4L; spec.ChannelsIn; 6L; 6L ] true)

            testCase "parameters without gradients, cumulative momentum, frozen norms"
            <| fun () ->
                for spec in [ pointwise 24L 24L 4; depthwise 16L 1L 4 ] do
                    let x = images 3L [ 4L; spec.ChannelsIn; 6L; 6L ] true

                    let norms (b: MobileOneBlock) =
                        b.modules ()
                        |> Seq.choose (function
                            | :? Modules.BatchNorm2d as n -> Some n
                            | _ -> None)

                    let half (b: MobileOneBlock) =
                        b.parameters () |> Seq.iteri (fun i p -> p.requires_grad <- i % 2 = 0)

                    agree 1e-10 spec torch.float64 1 half x

                    agree
                        1e-10
                        spec
                        torch.float64
                        2
                        (fun b ->
                            for n in norms b do
                                n.momentum <- Nullable())
                        x

                    agree 1e-10 spec torch.float64 1 (fun b -> (Seq.head (norms b)).eval()) x

            testCase "one value per channel is an error, in both forms"
            <| fun () ->
                for simple in [ true; false ] do
                    failsSaying [ "more than one value per channel"; "[1, 8, 1, 1]" ] (fun () ->
                        run simple (pointwise 8L 8L 4) torch.float32 1 same (images 3L [ 1L; 8L; 1L; 1L ] true)
                        |> ignore)

            testCase "bfloat16 trains in the simple form"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                use block = new MobileOneBlock(depthwise 16L 1L 4)
                block.``to`` torch.bfloat16 |> ignore
                let x = (images 3L [ 2L; 16L; 5L; 5L ] true).``to`` torch.bfloat16
                (block.call x).sum().backward()
                Expect.isTrue (block.parameters () |> Seq.forall (fun p -> not (isNull p.grad))) "all have gradients"

            testCase "a channels-last stem trains (oneDNN's weight gradient would write past its buffer)"
            <| fun () ->
                for stem in
                    [
                        MobileOneBlockSpec(3L, 48L, 3L, 2L)
                        MobileOneBlockSpec(4L, 8L, 5L, 1L, Branches = 2)
                    ] do
                    agree 1e-10 stem torch.float64 1 same (images 3L [ 16L; stem.ChannelsIn; 31L; 32L ] true)
                    agree 1e-4 stem torch.float32 1 same (images 3L [ 16L; stem.ChannelsIn; 32L; 31L ] true)

            testPropertyWithConfig
                { FsCheckConfig.defaultConfig with
                    maxTest = 40
                }
                "random blocks"
            <| fun (seed: int) ->
                let rng = Random seed
                let c = int64 (rng.Next(1, 40))

                let spec =
                    if rng.Next 2 = 0 then
                        pointwise c (if rng.Next 2 = 0 then c else int64 (rng.Next(1, 40))) (rng.Next(1, 5))
                    else
                        depthwise c (int64 (rng.Next(1, 3))) (rng.Next(1, 5))

                let spec = spec.With(scale = (rng.Next 2 = 0), skip = (rng.Next 3 > 0))

                let shape =
                    [ int64 (rng.Next(2, 7)); c; int64 (rng.Next(1, 12)); int64 (rng.Next(3, 12)) ]

                agree 1e-8 spec torch.float64 1 same (images (int64 seed) shape (rng.Next 2 = 0))
        ]
