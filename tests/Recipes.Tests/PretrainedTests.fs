/// Official weights into networks, and the config.json of Hugging Face.
module Recipes.Tests.PretrainedTests

open System
open System.IO
open Expecto
open TorchSharp
open Recipes.Data
open Recipes.Layers
open Recipes.Models
open Recipes.Weights
open Recipes.Tests.Support

let private states (model: torch.nn.Module) =
    [ for entry in StateDict.Of model -> entry.Key, entry.Value ]

let private same a b =
    Expect.equal (List.map fst (states a)) (List.map fst (states b)) "keys"

    for (name, x), (_, y) in List.zip (states a) (states b) do
        Expect.equal x.dtype y.dtype name
        Expect.isTrue (x.equal(y).all().item<bool>()) name

let private config =
    """{"model_type": "llava_qwen2", "hidden_size": 896, "num_hidden_layers": 24, "num_attention_heads": 14, "num_key_value_heads": 2,
"intermediate_size": 4864, "vocab_size": 151936, "max_position_embeddings": 32768, "rope_theta": 1000000.0, "rms_norm_eps": 1e-06,
"tie_word_embeddings": true, "hidden_act": "silu", "mm_projector_type": "mlp2x_gelu", "mm_hidden_size": 3072,
"mm_vision_tower": "mobileclip_l_1024", "tokenizer_model_max_length": 8192, "torch_dtype": "bfloat16"}"""

[<Tests>]
let tests =
    torchTests
        "pretrained"
        [
            testCase "weights come from the cache, whatever names they have, and are folded"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let place = Path.Combine(folder, "weights", "fastvit_t8")
                    Directory.CreateDirectory place |> ignore
                    use source = (Zoo.FastVit "t8").Build 3L
                    source.eval ()
                    StateDict.Save(source, Path.Combine(place, "fastvit_t8.pth.tar"))

                    let options =
                        PretrainedOptions(Download = DataGetOptions(Folder = folder, Offline = true))

                    use whole =
                        (Zoo.FastVit "t8").LoadPretrained(PretrainedOptions(Download = options.Download, Fold = false))

                    same source whole
                    Expect.isFalse whole.training "ready to use"
                    use folded = (Zoo.FastVit "t8").LoadPretrained options
                    Modules.Reparameterizable source |> Seq.iter (fun struct (_, b) -> b.Fold())
                    same source folded

                    failsSaying
                        [
                            "mobileclip_s0"
                            "recipes data get weights/mobileclip_s0 --accept-licence"
                            "github.com/apple/ml-mobileclip"
                        ]
                        (fun () -> (Zoo.MobileClip "s0").LoadPretrained options |> ignore)

                    failsSaying [ "no official checkpoint is known" ] (fun () ->
                        (Zoo.MobileOne "mini").LoadPretrained options |> ignore))

            testCase "the file's type is kept unless another is asked for"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let path = Path.Combine(folder, "half.safetensors")
                    let spec = DecoderDoubles.qwen true
                    use source = spec.Build 3L
                    source.``to`` torch.bfloat16 |> ignore
                    StateDict.Save(source, path)
                    use loaded = spec.LoadPretrained(PretrainedOptions(Path = path))
                    same source loaded

                    use wide =
                        spec.LoadPretrained(PretrainedOptions(Path = path, Type = Nullable torch.float32))

                    Expect.allEqual (states wide |> List.map (fun (_, t) -> t.dtype)) torch.float32 "float32"
                    Expect.equal (wide.call(torch.tensor([| 1L; 2L |]).unsqueeze 0L).dtype) torch.float32 "logits")

            testCase "variants are found by family"
            <| fun () ->
                Expect.equal
                    (Zoo.MobileClip2("l-14").Name, Zoo.Qwen2("0.5b").Name)
                    ("mobileclip2_l_14", "qwen2_0.5b")
                    "names"

                failsSaying [ "mobileclip has no variant 's9'"; "Known: b, s0, s1, s2" ] (fun () ->
                    Zoo.MobileClip "s9" |> ignore)

                failsSaying [ "fastvit has no variant 'xl'" ] (fun () -> Zoo.FastVit "xl" |> ignore)

            testCase "config.json gives the spec, or every reason why not"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let write (text: string) =
                        File.WriteAllText(Path.Combine(folder, "config.json"), text)

                    write config
                    let spec = HuggingFaceConfig.FastVlm folder
                    let known = FastVlm.B05()

                    Expect.equal
                        (spec.Connector, spec.Language.Parameters)
                        (known.Connector, known.Language.Parameters)
                        "counts"

                    let sizes (l: Qwen2Spec) =
                        l.Width,
                        l.Layers,
                        l.Heads,
                        l.KeyHeads,
                        l.Inner,
                        l.Vocabulary,
                        l.Context,
                        l.RotaryBase,
                        l.NormEpsilon,
                        l.TiedHead

                    Expect.equal (sizes spec.Language) (sizes known.Language) "the published size"
                    Expect.equal (spec.Resolution, spec.Context) (1024, 8192) "image and context"

                    Expect.equal
                        (HuggingFaceConfig.Qwen2(Path.Combine(folder, "config.json")).Layers)
                        24
                        "the language model alone"

                    write (
                        config
                            .Replace("896", "\"wide\"")
                            .Replace("silu", "relu")
                            .Replace("mobileclip_l_1024", "clip")
                            .Replace("3072", "1024")
                    )

                    failsSaying
                        [
                            "hidden_size: expected a positive whole number, found \"wide\""
                            "hidden_act: expected silu, found relu"
                            "mm_vision_tower"
                            "mm_hidden_size: expected 3072, found 1024"
                        ]
                        (fun () -> HuggingFaceConfig.FastVlm folder |> ignore)

                    write "{"
                    failsSaying [ "config.json" ] (fun () -> HuggingFaceConfig.Qwen2 folder |> ignore)
                    write """{"model_type": "llama"}"""

                    failsSaying [ "expected qwen2 or llava_qwen2, found 'llama'"; "num_hidden_layers" ] (fun () ->
                        HuggingFaceConfig.Qwen2 folder |> ignore)

                    failsSaying [ "nowhere" ] (fun () ->
                        HuggingFaceConfig.Qwen2(Path.Combine(folder, "nowhere.json")) |> ignore))
        ]
