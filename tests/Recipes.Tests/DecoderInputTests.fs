/// What decoders refuse, and how tied matrices and caches behave.
module Recipes.Tests.DecoderInputTests

open System.Collections.Generic
open System.IO
open Expecto
open Recipes.Layers
open Recipes.Models
open Recipes.Tests.DecoderDoubles
open Recipes.Tests.Support
open Recipes.Training
open Recipes.Weights
open TorchSharp

let private state (entries: KeyValuePair<string, torch.Tensor> seq) =
    Dictionary<string, torch.Tensor> entries

let private keys (model: Decoder) =
    StateDict.Of model |> Seq.map _.Key |> Seq.toList

[<Tests>]
let tests =
    torchTests
        "decoder inputs"
        [
            testCase "wrong ids, shapes and lengths are clear errors"
            <| fun () ->
                use _ = torch.no_grad ()
                use scope = torch.NewDisposeScope()
                use model = build (qwen true)
                let spec = model.Spec
                let call (tokens: torch.Tensor) () = model.call tokens |> ignore
                let wrong = ids spec 2 4
                wrong[1L, 2L] <- torch.tensor 101L

                failsSaying [ "qwen2_tiny"; "token id 101 at [1, 2]"; "vocabulary of 101 (0 to 100)" ] (call wrong)
                wrong[1L, 2L] <- torch.tensor -100L
                failsSaying [ "token id -100"; "labels" ] (call wrong)
                failsSaying [ "int64 [B, T]"; "float32 [2, 4]" ] (call (torch.zeros (2L, 4L)))
                failsSaying [ "int64 [B, T]"; "[4]" ] (call (torch.zeros (4L, dtype = torch.int64)))

                failsSaying
                    [ "65 tokens (0 in the cache, 65 new)"; "context of 64"; "longer Context" ]
                    (call (ids spec 1 65))

                let hidden (embeds: torch.Tensor) mask cache () =
                    model.Hidden(embeds, mask, cache) |> ignore

                let embeds = model.Embed(ids spec 2 4)
                failsSaying [ "[B, T, 32]"; "[2, 4, 31]" ] (hidden (torch.zeros (2L, 4L, 31L)) null null)
                failsSaying [ "[2, 4]"; "found [2, 5]" ] (hidden embeds (torch.ones (2L, 5L)) null)

                use cache = model.Cache()
                model.Next(ids spec 1 62, cache) |> ignore
                failsSaying [ "66 tokens (62 in the cache, 4 new)"; "1 rows, the input 2" ] (hidden embeds null cache)
                use other = new KeyValueCache(2)
                failsSaying [ "2 layers"; "has 3" ] (hidden embeds null other)
                Expect.equal cache.Length 62L "the cache after the errors"

            testCase "a cache grows by doubling, goes back, and refuses gradients"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                let spec = qwen true
                use model = build spec
                use cache = model.Cache(2L)
                use tokens = ids spec 1 64
                failsSaying [ "no_grad" ] (fun () -> model.Next(columns 0 8 tokens, cache) |> ignore)
                use _ = torch.no_grad ()
                use small = new KeyValueCache(spec.Layers)
                model.Next(columns 0 8 tokens, small) |> ignore
                Expect.equal small.Capacity 64L "the least room"
                Expect.equal small.Bytes (spec.CacheBytes(64L)) "bytes"
                let expected = model.Next(columns 0 9 tokens)

                for _ in 1..2 do
                    small.Keep 8L
                    let again = model.Next(columns 8 9 tokens, small)
                    Expect.isLessThan (difference expected again) 1e-5 "the ninth token after going back"

                small.Keep 0L
                model.Next(columns 0 9 (ids spec 2 16), small) |> ignore
                Expect.equal small.Length 9L "another batch after Keep(0)"
                failsSaying [ "holds 9 tokens" ] (fun () -> small.Keep 10L)
                let large = OpenLm.Mini(50, 32, 1)
                use long = build large
                use grown = long.Cache()
                let row = ids large 1 130
                long.Next(columns 0 60 row, grown) |> ignore
                long.Next(columns 60 70 row, grown) |> ignore
                Expect.equal grown.Capacity 128L "doubled once"
                let last = long.Next(columns 70 130 row, grown)
                Expect.equal grown.Capacity 256L "doubled twice"
                Expect.isLessThan (difference (long.Next row) last) 1e-5 "logits after growing"

            testCase "a cache filled in inference mode goes on under no_grad"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                use model = build (openLm true true)
                use cache = model.Cache()
                let tokens = ids model.Spec 1 8

                do
                    use _ = torch.inference_mode ()
                    model.Next(columns 0 7 tokens, cache) |> ignore

                use _ = torch.no_grad ()
                let last = model.Next(columns 7 8 tokens, cache)
                Expect.isLessThan (difference (model.Next tokens) last) 1e-5 "logits"

            testCase "a tied matrix is one parameter under two names, before and after a move"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                use model = (qwen true).Build()
                let names = keys model
                Expect.equal (List.head names) "model.embed_tokens.weight" "first"
                Expect.equal (List.last names) "lm_head.weight" "last"

                let tables () =
                    StateDict.Of model
                    |> Seq.filter (fun e -> e.Value.shape = [| 101L; 32L |])
                    |> Seq.map _.Value
                    |> Seq.toList

                for move in [ ignore; (fun () -> model.``to`` torch.float64 |> ignore) ] do
                    move ()
                    let rows = tables ()
                    Expect.hasLength rows 2 "rows of the table"
                    Expect.isTrue (obj.ReferenceEquals(rows[0], rows[1])) "one tensor"
                    let parameters = model.parameters () |> Seq.toList
                    Expect.equal (parameters |> List.sumBy _.numel()) model.Spec.Parameters "counted once"

                let loss =
                    TokenLoss.CrossEntropy(model.call (ids model.Spec 1 8), ids model.Spec 1 8)

                loss.backward ()
                Expect.isGreaterThan ((tables ()).Head.grad.abs().sum().item<float>()) 0.0 "gradient of the table"

            testCase "files with and without the second name of a tied matrix load"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    use _ = torch.no_grad ()
                    use scope = torch.NewDisposeScope()
                    use model = build (qwen true)
                    use target = (qwen true).Build 9L
                    let full = Path.Combine(folder, "full.safetensors")
                    StateDict.Save(model, full)
                    StateDict.Load(target, full)
                    Expect.equal (StateDict.Digest target) (StateDict.Digest model) "both names"
                    use fresh = (qwen true).Build 9L

                    let once =
                        StateDict.Of model |> Seq.filter (fun e -> e.Key <> "lm_head.weight") |> state

                    StateDict.Load(fresh, once)
                    Expect.equal (StateDict.Digest fresh) (StateDict.Digest model) "one name")

            testCase "OpenLM turns by the angles of its checkpoint, and by its spec's where those were rounded"
            <| fun () ->
                use _ = torch.no_grad ()
                use scope = torch.NewDisposeScope()
                let spec = openLm true true
                use model = build spec
                use other = build (spec.WithRotaryBase 10000.0)
                let tokens = ids spec 1 40
                Expect.isGreaterThan (difference (model.call tokens) (other.call tokens)) 1e-3 "the bases differ"
                StateDict.Load(other, state (StateDict.Of model))
                Expect.equal (difference (model.call tokens) (other.call tokens)) 0.0 "the loaded angles count"
                let expected = model.call tokens
                model.``to`` torch.bfloat16 |> ignore
                model.``to`` torch.float32 |> ignore
                Expect.isLessThan (difference expected (model.call tokens)) 0.1 "rounded weights, near"

            testCase "the loss is PyTorch's, with the squared normaliser of every token"
            <| fun () ->
                use scope = torch.NewDisposeScope()

                let logits =
                    torch.randn ([| 2L; 7L; 11L |], dtype = torch.float64, requires_grad = true)

                let labels = torch.randint (11L, [| 2L; 7L |])
                labels[1L, 3L] <- torch.tensor TokenLoss.Ignored
                let flat = logits.view (14L, 11L)
                let reference = torch.nn.functional.cross_entropy (flat, labels.flatten ())
                let z = 0.1 * logits.logsumexp(-1L).square().mean()
                Expect.isLessThan (difference reference (TokenLoss.CrossEntropy(logits, labels))) 1e-12 "cross-entropy"
                let loss = TokenLoss.CrossEntropy(logits, labels, 0.1)
                Expect.isLessThan (difference (reference + z) loss) 1e-12 "with z"
        ]
