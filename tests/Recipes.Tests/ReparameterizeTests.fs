module Recipes.Tests.ReparameterizeTests

open Expecto
open Recipes.Layers
open Recipes.Models
open Recipes.Reproductions.Parity
open Recipes.Verbs
open Recipes.Weights
open Recipes.Tests.Support
open TorchSharp

/// Random weights and random batch statistics, in evaluation mode.
let private random (spec: ModelSpec) =
    let model = spec.Build 3L
    SeededWeights.Fill(model, SeedScales(1.75, 0.05, 0.1, 0.05, 10000.0))
    model.eval ()
    model

let private values (m: torch.nn.Module) =
    [
        for entry in StateDict.Of m -> entry.Key, entry.Value.sum().``to``(torch.float64).item<float>()
    ]

/// Section 4 of the sheet: parameters and multiply-accumulates, train-time and folded; entries of the state.
let private sheet =
    [
        "mobileone_s0", 5293272L, 2078504L, 1051.9, 275.1, 1323, 88
        "mobileone_s1", 4825192L, 4764840L, 830.1, 825.1, 562, 88
        "mobileone_s2", 7884648L, 7808168L, 1304.0, 1298.4, 562, 88
        "mobileone_s3", 10170600L, 10078312L, 1902.1, 1895.8, 562, 88
        "mobileone_s4", 14951248L, 14838352L, 2986.8, 2979.3, 610, 136
    ]

[<Tests>]
let tests =
    torchTests
        "reparameterize"
        [
            testCase "every variant has the sheet's costs, keys and exact folding"
            <| fun () ->
                for name, trained, folded, macs, foldedMacs, keys, foldedKeys in sheet do
                    use model = random (Zoo.Spec name)

                    let result =
                        model.Reparameterize(ReparameterizeOptions(Probe = [| 1L; 3L; 224L; 224L |]))

                    let before, after = result.Evidence.Before, result.Evidence.After
                    Expect.equal (before.Parameters, after.Parameters) (trained, folded) $"{name} parameters"
                    Expect.floatClose { absolute = 0.06; relative = 0.0 } (float before.Macs / 1e6) macs $"{name} MACs"

                    Expect.floatClose
                        { absolute = 0.06; relative = 0.0 }
                        (float after.Macs / 1e6)
                        foldedMacs
                        $"{name} MACs folded"

                    Expect.equal
                        (StateDict.Of(model).Count, StateDict.Of(result.Model).Count)
                        (keys, foldedKeys)
                        $"{name} entries"

                    Expect.equal result.Evidence.BlocksFolded 43 $"{name} blocks"
                    Expect.isLessThan result.Evidence.RelativeDifference 1e-5 $"{name} difference"
                    result.Model.Dispose()

            testCase "the argument stays as it is and usable"
            <| fun () ->
                use model = random (MobileOne.Mini(10, 8))
                use x = torch.rand (2L, 3L, 32L, 32L)

                let before, outputs =
                    values model, (use y = model.call x in y.data<float32>().ToArray())

                let folded = model.Reparameterize().Model
                use y = model.call x
                Expect.equal (values model) before "weights"
                Expect.equal (y.data<float32>().ToArray()) outputs "outputs"
                folded.Dispose()
                use again = model.call x
                Expect.equal (again.data<float32>().ToArray()) outputs "after the copy is gone"
                model.train ()
                use loss = model.call(x).sum()
                loss.backward ()

            testCase "a part folds alone, and the rest follows later"
            <| fun () ->
                use model = random (MobileOne.Mini(10, 8))
                let part = model.Reparameterize(ReparameterizeOptions(Part = "stage2"))

                let paths m =
                    [
                        for struct (path, block) in Modules.Reparameterizable m do
                            if block.IsFolded then
                                path
                    ]

                Expect.equal (paths part.Model) [ "stage2.0"; "stage2.1"; "stage2.2"; "stage2.3" ] "folded blocks"
                let rest = part.Model.Reparameterize()
                Expect.equal (rest.Evidence.BlocksFolded, (paths rest.Model).Length) (9, 13) "the rest"
                Expect.isLessThan rest.Evidence.RelativeDifference 1e-5 "difference"

            testCase "blocks and containers fold on their own, in float64 to rounding"
            <| fun () ->
                use model = random (MobileOne.Mini(10, 8))
                model.``to`` (torch.float64) |> ignore

                let child name =
                    model.named_children ()
                    |> Seq.find (fun struct (n, _) -> n = name)
                    |> fun struct (_, m) -> m :?> torch.nn.Module<torch.Tensor, torch.Tensor>

                for name in [ "stage0"; "stage1"; "stage3" ] do
                    let evidence = (child name).Reparameterize().Evidence
                    Expect.isLessThan evidence.RelativeDifference 1e-12 name

            testCase "training mode, unknown parts and nothing to fold are errors that say why"
            <| fun () ->
                use model = (MobileOne.Mini(10, 8)).Build 0L

                failsSaying [ "training mode"; "statistics of each batch"; "eval()" ] (fun () ->
                    model.Reparameterize() |> ignore)

                model.eval ()

                failsSaying [ "no part 'stage'"; "stage0" ] (fun () ->
                    model.Reparameterize(ReparameterizeOptions(Part = "stage")) |> ignore)

                let folded = model.Reparameterize().Model
                failsSaying [ "folded already" ] (fun () -> folded.Reparameterize() |> ignore)

                failsSaying [ "no block that can fold" ] (fun () ->
                    model.Reparameterize(ReparameterizeOptions(Part = "linear")) |> ignore)

                failsSaying [ "moves outputs"; "allowed -1" ] (fun () ->
                    model.Reparameterize(ReparameterizeOptions(Tolerance = -1.0)) |> ignore)
        ]
