module Recipes.Tests.OptimTests

open System
open Expecto
open TorchSharp
open Recipes.Training
open Recipes.Weights
open Recipes.Tests.Support

/// A small network with matrices, biases and a norm.
let private network seed =
    torch.manual_seed seed |> ignore

    torch.nn.Sequential(
        struct ("fc1", torch.nn.Linear(6L, 5L) :> torch.nn.Module<torch.Tensor, torch.Tensor>),
        struct ("norm", torch.nn.BatchNorm1d(5L) :> torch.nn.Module<torch.Tensor, torch.Tensor>),
        struct ("act", torch.nn.GELU() :> torch.nn.Module<torch.Tensor, torch.Tensor>),
        struct ("fc2", torch.nn.Linear(5L, 3L) :> torch.nn.Module<torch.Tensor, torch.Tensor>)
    )

let private backward (net: torch.nn.Module<torch.Tensor, torch.Tensor>) step =
    torch.manual_seed (int64 (1000 + step)) |> ignore
    use x = torch.randn (8L, 6L)
    use y = torch.randint (3L, [| 8L |])
    use logits = net.call x
    use loss = torch.nn.functional.cross_entropy (logits, y)
    loss.backward ()

/// The largest difference from torch's own optimizer after twenty steps.
let private differenceFrom (spec: OptimizerSpec) decay build =
    use scope = torch.NewDisposeScope()
    let ours, theirs = network 3L, network 3L
    use state = new FlatState(ours, spec)
    use mine = FlatOptimizer.Create(spec, state)
    let reference: torch.optim.Optimizer = build (theirs.parameters ())

    for step in 1..20 do
        state.ZeroGradients()
        backward ours step
        mine.Step(0.05, decay)
        reference.zero_grad ()
        backward theirs step
        reference.step () |> ignore

    Seq.zip (ours.parameters ()) (theirs.parameters ())
    |> Seq.map (fun (a, b) -> (a.detach () - b.detach ()).abs().max().item<float32>())
    |> Seq.max

[<Tests>]
let tests =
    torchTests
        "optimizer"
        [
            testCase "SGD, Adam and AdamW take torch's steps"
            <| fun () ->
                let check name (spec: OptimizerSpec) decay build atMost =
                    let difference = differenceFrom spec decay build
                    Expect.isLessThanOrEqual difference atMost $"{name}: difference after 20 steps"

                check "sgd" (SgdSpec(LearningRate = 0.05, Momentum = 0.0)) 0.0 (fun p -> torch.optim.SGD(p, 0.05)) 0f

                check
                    "momentum, decay"
                    (SgdSpec(LearningRate = 0.05, DecayVectors = true))
                    1e-2
                    (fun p -> torch.optim.SGD(p, 0.05, momentum = 0.9, weight_decay = 1e-2))
                    1e-7f

                check
                    "nesterov"
                    (SgdSpec(LearningRate = 0.05, Nesterov = true, DecayVectors = true))
                    1e-2
                    (fun p -> torch.optim.SGD(p, 0.05, momentum = 0.9, weight_decay = 1e-2, nesterov = true))
                    1e-6f

                check
                    "adam"
                    (AdamSpec(LearningRate = 0.05, DecayVectors = true))
                    1e-2
                    (fun p -> torch.optim.Adam(p, 0.05, weight_decay = 1e-2))
                    1e-6f

                check
                    "adamw"
                    (AdamWSpec(LearningRate = 0.05, DecayVectors = true))
                    1e-2
                    (fun p -> torch.optim.AdamW(p, 0.05, weight_decay = 1e-2))
                    1e-6f

            testCase "norms, biases and named parameters do not decay"
            <| fun () ->
                let decaying (spec: OptimizerSpec) =
                    use net = network 1L
                    use state = new FlatState(net, spec)

                    [
                        for g in state.Groups do
                            if g.Decays then
                                for struct (name, _) in g.Members -> name
                    ]

                Expect.equal (decaying (Optim.Sgd 0.1)) [ "fc1.weight"; "fc2.weight" ] "matrices"

                Expect.equal
                    (decaying (SgdSpec(LearningRate = 0.1, NoDecay = [| "fc2" |])))
                    [ "fc1.weight" ]
                    "without a layer"

                Expect.hasLength (decaying (SgdSpec(LearningRate = 0.1, DecayVectors = true))) 6 "all"

                failsSaying [ "noDecay"; "fc3; did you mean fc" ] (fun () ->
                    decaying (SgdSpec(LearningRate = 0.1, NoDecay = [| "fc3" |])) |> ignore)

            testCase "parameters replaced after the optimizer was built are an error that says the order"
            <| fun () ->
                use net = network 1L
                use state = new FlatState(net, Optim.Sgd 0.1)
                state.CheckIdentity()
                net.``to`` (torch.float64) |> ignore
                failsSaying [ "fc1.weight"; "Build, load and move the module first" ] state.CheckIdentity

            testCase "a module keeps its weights and lets go of gradients when its optimizer is gone"
            <| fun () ->
                use net = network 1L
                let before = [ for p in net.parameters () -> p.detach().clone() ]

                (use state = new FlatState(net, Optim.Sgd 0.1)
                 backward net 1)

                for p, b in Seq.zip (net.parameters ()) before do
                    Expect.isTrue (TensorBytes.Same(p, b)) "values"
                    Expect.isTrue (isNull p.grad) "no gradient"

                backward net 2

                Expect.isTrue
                    (net.parameters () |> Seq.forall (fun p -> not (isNull p.grad)))
                    "and can be trained again"

            testCase "channels-last weights keep their layout in the flat buffer"
            <| fun () ->
                use conv = torch.nn.Conv2d(4L, 6L, 3L)
                use _ = torch.no_grad ()
                use laid = conv.weight.permute(0L, 2L, 3L, 1L).contiguous().permute(0L, 3L, 1L, 2L)
                conv.weight.set_ laid |> ignore
                use copy = conv.weight.clone ()
                use state = new FlatState(conv, Optim.Sgd 0.1)
                Expect.equal (conv.weight.stride ()) [| 36L; 1L; 12L; 4L |] "strides"
                Expect.isTrue (TensorBytes.Same(conv.weight, copy)) "values"

            testCase "the average follows the closed form, statistics included, and its warm-up the usual rule"
            <| fun () ->
                use net = torch.nn.BatchNorm1d 2L
                use state = new FlatState(net, Optim.Sgd 0.1)
                use ema = new Ema(state, 0.9, false)

                // Weights 1, 2, 3 … after each step: average_n = 0.9^n·1 + Σ 0.1·0.9^(n-i)·value_i.
                for step in 1..10 do
                    (use _ = torch.no_grad ()
                     net.weight.fill_ (float32 (1 + step)) |> ignore
                     net.running_var.fill_ (float32 (1 + step)) |> ignore)

                    ema.Update(int64 (step - 1))

                let expected =
                    0.9 ** 10.0
                    + Seq.sum (seq { for i in 1..10 -> 0.1 * 0.9 ** float (10 - i) * float (1 + i) })

                let value (t: torch.Tensor) = t[0].item<float32>() |> float

                (use _ = ema.Applied()
                 Expect.floatClose Accuracy.medium (value net.weight) expected "weights"
                 Expect.floatClose Accuracy.medium (value net.running_var) expected "statistics")

                Expect.equal (value net.weight) 11.0 "training's weights are back"

                Expect.equal
                    [ for t in [ 0L; 9L; 80L; 100000L ] -> Ema.Decay(0.9995, true, t) ]
                    [ 0.1; 10.0 / 19.0; 0.9; 0.9995 ]
                    "warm-up"
        ]
