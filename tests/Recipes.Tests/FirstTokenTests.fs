/// Time to the first token: what is counted, what is called, and FastVLM's claims.
module Recipes.Tests.FirstTokenTests

open System
open Expecto
open TorchSharp
open Recipes.Data
open Recipes.Layers
open Recipes.Models
open Recipes.Reproductions
open Recipes.Weights
open Recipes.Tests.FirstTokenDoubles
open Recipes.Tests.Support

let private difference (a: torch.Tensor) (b: torch.Tensor) = (a - b).abs().max().item<float32>()

let private ids = torch.arange (1L, 10L, dtype = torch.int64)

[<Tests>]
let tests =
    torchTests
        "first token"
        [
            testCase "one layer in place of all is the decoder whose layers are all alike"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                use _ = torch.no_grad ()
                let spec = DecoderDoubles.qwen true
                use shared = DecoderDoubles.build (spec.WithSharedLayer())
                use whole = DecoderDoubles.build spec
                let state = shared.state_dict ()

                for entry in whole.state_dict () do
                    let key =
                        Text.RegularExpressions.Regex.Replace(entry.Key, @"layers\.\d+\.", "layers.0.")

                    entry.Value.copy_ state[key] |> ignore

                let tokens = ids.unsqueeze 0L
                Expect.equal (difference (whole.call tokens) (shared.call tokens)) 0.0f "logits"

                use a = whole.Cache 9L
                use b = shared.Cache 9L
                Expect.equal (difference (whole.Next(tokens, a)) (shared.Next(tokens, b))) 0.0f "with a cache"
                Expect.equal (a.Layers, a.Bytes, a.Length) (b.Layers, b.Bytes, b.Length) "the whole cache"
                let next = torch.tensor([| 5L |]).unsqueeze 0L
                Expect.equal (difference (whole.Next(next, a)) (shared.Next(next, b))) 0.0f "the token after"

                Expect.equal (Profile.Of(shared, tokens).Macs) (Profile.Of(whole, tokens).Macs) "counted by hooks"
                Expect.equal (shared.Spec.Macs(9L, 1L)) (whole.Spec.Macs(9L, 1L)) "by formula"
                let count (m: torch.nn.Module) = m.parameters () |> Seq.sumBy _.numel()
                Expect.equal (count shared, count whole) (shared.Spec.Parameters, whole.Spec.Parameters) "parameters"
                Expect.isLessThan (count shared) (count whole) "fewer weights"

            testCase "Vicuna is Qwen2's operators without biases"
            <| fun () ->
                let spec = Qwen2.Vicuna7B()
                Expect.equal spec.Parameters 6_738_415_616L "LLaMA-2-7B"
                use tiny = llama.Build()
                Expect.equal (tiny.parameters () |> Seq.sumBy _.numel()) llama.Parameters "by formula"
                let names = [ for entry in StateDict.Of tiny -> entry.Key ]
                Expect.exists names (fun n -> n.EndsWith "q_proj.weight") "queries"
                Expect.all names (fun n -> not (n.EndsWith "bias")) "no biases"

            testCase "tokens, widths and multiply-accumulates of encoders are those of the networks"
            <| fun () ->
                use _ = torch.no_grad ()

                for tower in towers do
                    for resolution in [ 64; 100; 128 ] do
                        let tower = tower.At resolution
                        use network = tower.Build()
                        use tokens = network.call (torch.zeros (1L, 3L, int64 resolution, int64 resolution))

                        Expect.equal
                            (List.ofArray tokens.shape)
                            [ 1L; int64 tower.Tokens; int64 tower.Width ]
                            $"{tower.Name} at {resolution}"

                        let counted = Profile.Of(network, 3L, int64 resolution, int64 resolution).Macs
                        Expect.equal tower.Macs counted $"{tower.Name} at {resolution}: MACs"
                        Expect.all (Modules.Reparameterizable network) (fun struct (_, b) -> b.IsFolded) "folded"

                failsSaying [ "mobileone_s0"; "no image encoder" ] (fun () ->
                    VisionTower("m", MobileOne.S0(), 64).Tokens |> ignore)

            testCase "the work of models"
            <| fun () ->
                let tiled = FirstToken.FastVlm(FastVlm.B05(), 1024, TileGrid(2, 2))
                let whole = FirstToken.FastVlm(FastVlm.B05(), 1024)
                Expect.equal (tiled.ImageTokens, tiled.EncoderMacs) (1280L, 5L * whole.EncoderMacs) "tiles"
                Expect.equal (FirstToken.Llava15.ImageTokens, FirstToken.OneVision.ImageTokens) (576L, 7290L) "others"
                let w = work "w"
                Expect.equal w.Macs (w.EncoderMacs + w.ConnectorMacs + w.PrefillMacs) "the sum"

                let attention = [ 1L .. 32L ] |> Seq.sumBy (fun seen -> 2L * 3L * 32L * seen)
                Expect.equal w.PrefillMacs (w.Language.Macs(32L, 1L) + attention) "the triangle"

            testCase "parts that models share are timed once, and nothing is left behind"
            <| fun () ->
                let works = [| works "a" 2; works "b" 1; works "c" 2 |]

                let measure () =
                    TimeToFirstToken.Measure(works, 1, 0, torch.float32)

                let times = measure ()
                Expect.equal times[0].Encoder times[2].Encoder "the same encoder and crops"
                Expect.notEqual times[0].Prefill times[1].Prefill "other tokens"

                Expect.floatClose
                    Accuracy.high
                    times[0].Total
                    (times[0].Encoder.Median + times[0].Connector.Median + times[0].Prefill.Median)
                    "the sum"

                Expect.hasLength (TimeToFirstToken.Encoders(Array.ofList towers, 1, 0)) 3 "bfloat16, channels-last"
                flat "timing" (fun () -> measure () |> ignore)

            testCase "a ratio follows within 30 %"
            <| fun () ->
                let ratio measured =
                    CostRatio("a / b", Nullable 85.0, 20.0, measured)

                Expect.isTrue (ratio(24.0).Follows && ratio(16.0).Follows) "within"
                Expect.isFalse (ratio(27.0).Follows || ratio(13.0).Follows) "outside"
                Expect.stringContains (ratio 24.0).Claimed.Note "24 x measured, 20 x by" "both are told"
                let same = CostRatio.Of(time "a", time "b")
                Expect.equal (same.Arithmetic, same.Measured) (1.0, 1.0) "equal work"

            testCase "FastVLM's exact claims hold; its ratios are all there"
            <| fun () ->
                let reproduction = Fastvlm.fastVlm
                let settings = Settings.Create(reproduction.AllSettings, Scale.Smoke, 0L, [])
                let results = Results(settings, [| 0L |])

                let claims kind =
                    reproduction.Claims |> Seq.filter (fun c -> c.Kind = kind) |> List.ofSeq

                Expect.hasLength (claims ClaimKind.Exact) 45 "exact claims"
                Expect.hasLength (claims ClaimKind.Ratio) 18 "ratios"
                Expect.hasLength (reproduction.Claims |> Seq.distinctBy _.Id) reproduction.Claims.Count "names"

                for claim in claims ClaimKind.Exact do
                    let judged = claim.Judge("fastvlm", results)
                    Expect.equal judged.Verdict Verdict.Holds $"{claim.Id}: {judged.Measured} {judged.Reason}"

                // What needs the larger models is not measured at smoke scale, and says so.
                let large = claims ClaimKind.Ratio |> List.find (fun c -> c.Id = "ttft/anyres/7b")
                let judged = large.Judge("fastvlm", results)
                Expect.equal judged.Verdict Verdict.NotAttempted "7B"
                Expect.stringContains judged.Reason "scale" "why"
        ]
