/// Weights under the names of timm, open_clip and transformers.
module Recipes.Tests.NamesTests

open System.IO
open Expecto
open TorchSharp
open Recipes.Layers
open Recipes.Models
open Recipes.Verbs
open Recipes.Weights
open Recipes.Tests.Support

let private fold (model: torch.nn.Module) =
    for struct (_, block) in Modules.Reparameterizable model do
        block.Fold()

/// The network's tensors as another library would save them.
let private export (model: torch.nn.Module) (path: string) =
    let scheme = (model :> obj :?> INamedElsewhere).NameSchemes[0]

    let tensors =
        [
            for entry in StateDict.Of model do
                let theirs = scheme.Of.Invoke entry.Key

                if not (isNull theirs.Name) then
                    let value =
                        if theirs.Transposed then
                            entry.Value.t().contiguous()
                        else
                            entry.Value
                    // A table without the leading ones that the official one has.
                    let value =
                        if theirs.Name.EndsWith "positional_embedding" then
                            value.reshape [| -1L; value.shape[value.dim () - 1L |> int] |]
                        else
                            value

                    theirs.Name, value

                    if not (isNull theirs.Zero) then
                        theirs.Zero, torch.zeros [| entry.Value.shape[1] |]
        ]

    SafetensorsWriter.Write(path, dict tensors |> System.Collections.Generic.Dictionary)
    tensors |> List.map fst

let private values (model: torch.nn.Module) =
    [ for entry in StateDict.Of model -> entry.Key, entry.Value.clone () ]

[<Tests>]
let tests =
    torchTests
        "names"
        [
            testCase "names are those of the sheets' tables"
            <| fun () ->
                let check (spec: NetworkSpec) (pairs: (string * string) list) =
                    use model = spec.Build()
                    let scheme = (model :> obj :?> INamedElsewhere).NameSchemes[0]
                    let keys = set [ for entry in StateDict.Of model -> entry.Key ]

                    for ours, theirs in pairs do
                        Expect.isTrue (keys.Contains ours) $"{spec.Name} has {ours}"
                        Expect.equal (scheme.Of.Invoke ours).Name theirs $"{spec.Name}: {ours}"

                check
                    (FastVit.SA12())
                    [
                        "patch_embed.0.rbr_conv.0.conv.weight", "stem.0.conv_kxk.0.conv.weight"
                        "patch_embed.2.rbr_skip.bias", "stem.2.identity.bias"
                        "network.0.1.layer_scale", "stages.0.blocks.1.layer_scale.gamma"
                        "network.1.proj.0.lkb_origin.conv.weight", "stages.1.downsample.proj.0.large_conv.conv.weight"
                        "network.4.0.token_mixer.mixer.rbr_scale.bn.weight",
                        "stages.2.blocks.0.token_mixer.mixer.conv_scale.bn.weight"
                        "network.6.pe.weight", "stages.3.pos_emb.pos_enc.weight"
                        "network.7.0.layer_scale_2", "stages.3.blocks.0.layer_scale_2.gamma"
                        "network.7.1.convffn.fc1.weight", "stages.3.blocks.1.mlp.fc1.weight"
                        "conv_exp.se.reduce.weight", "final_conv.se.fc1.weight"
                        "head.bias", "head.fc.bias"
                    ]

                check
                    (MobileOne.S4())
                    [
                        "stage0.rbr_scale.conv.weight", "stem.conv_scale.conv.weight"
                        "stage1.0.rbr_conv.0.bn.weight", "stages.0.0.conv_kxk.0.bn.weight"
                        "stage4.1.se.expand.bias", "stages.3.1.attn.fc2.bias"
                        "linear.weight", "head.fc.weight"
                    ]

                check
                    MobileClip.S1
                    [
                        "image_encoder.model.head.proj", "visual.trunk.head.fc.weight"
                        "image_encoder.model.network.0.0.layer_scale",
                        "visual.trunk.stages.0.blocks.0.layer_scale.gamma"
                        "text_encoder.embedding_layer.weight", "text.token_embedding.weight"
                        "text_encoder.positional_embedding.pos_embed.pos_embed", "text.positional_embedding"
                        "text_encoder.transformer.11.pre_norm_mha.1.qkv_proj.bias",
                        "text.transformer.resblocks.11.attn.in_proj_bias"
                        "text_encoder.transformer.0.pre_norm_mha.1.out_proj.weight",
                        "text.transformer.resblocks.0.attn.out_proj.weight"
                        "text_encoder.transformer.3.pre_norm_ffn.4.weight",
                        "text.transformer.resblocks.3.mlp.c_proj.weight"
                        "text_encoder.final_layer_norm.weight", "text.ln_final.weight"
                        "text_encoder.projection_layer", "text.text_projection"
                        "logit_scale", "logit_scale"
                    ]

                check
                    MobileClip.B
                    [
                        "image_encoder.model.patch_emb.1.block.norm.weight",
                        "visual.trunk.patch_embed.backbone.1.bn.weight"
                        "image_encoder.model.patch_emb.2.block.conv.bias",
                        "visual.trunk.patch_embed.backbone.2.conv.bias"
                        "image_encoder.model.pos_embed.pos_embed.pos_embed", "visual.trunk.pos_embed"
                        "image_encoder.model.transformer.4.pre_norm_mha.0.weight", "visual.trunk.blocks.4.norm1.weight"
                        "image_encoder.model.transformer.4.pre_norm_ffn.1.bias", "visual.trunk.blocks.4.mlp.fc1.bias"
                        "image_encoder.model.post_transformer_norm.bias", "visual.trunk.norm.bias"
                        "image_encoder.model.classifier.proj", "visual.trunk.head.weight"
                    ]

                check
                    (FastVlm.B05()
                     |> fun spec ->
                         FastVlmSpec(Name = "tiny", Vision = spec.Vision, Language = DecoderDoubles.qwen true))
                    [
                        "model.vision_tower.vision_tower.model.network.3.proj.1.rbr_skip.weight",
                        "model.vision_tower.timm_model.stages.2.downsample.proj.1.identity.weight"
                        "model.vision_tower.vision_tower.model.network.9.pe.weight",
                        "model.vision_tower.timm_model.stages.4.pos_emb.pos_enc.weight"
                        "model.mm_projector.2.weight", "model.multi_modal_projector.linear_2.weight"
                        "model.layers.1.mlp.up_proj.weight", "model.language_model.layers.1.mlp.up_proj.weight"
                        "model.embed_tokens.weight", "model.language_model.embed_tokens.weight"
                        "lm_head.weight", "lm_head.weight"
                        "model.vision_tower.vision_tower.model.head.proj", null
                    ]

            testCase "what another library saved loads, train-time and folded, bit for bit"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let path = Path.Combine(folder, "theirs.safetensors")

                    for spec, folded in
                        [
                            FastVit.SA12(10) :> NetworkSpec, false
                            FastVit.SA12 10, true
                            Mci.Mci0 16, true
                            MobileOne.S4 10, true
                            MobileClip.S1, false
                            MobileClip.B, false
                            MobileClip2.S0, true
                            ClipVisionSpec(
                                Name = "vit",
                                Patch = 16,
                                Width = 64,
                                Layers = 2,
                                Classes = 24,
                                HeadBias = true
                            ),
                            false
                        ] do
                        use source = spec.Build 1L

                        if folded then
                            fold source

                        let names = export source path
                        Expect.equal (List.distinct names).Length names.Length $"{spec.Name}: names are unique"
                        use target = spec.Build 2L
                        target.Load path |> ignore
                        let expected, found = values source, values target
                        Expect.equal (List.map fst found) (List.map fst expected) $"{spec.Name}: keys"

                        for (name, a), (_, b) in List.zip expected found do
                            Expect.isTrue (a.equal(b).all().item<bool>()) $"{spec.Name}: {name}")

            testCase "a table that the file keeps in another order may be regrouped"
            <| fun () ->
                use scope = torch.NewDisposeScope()
                use file = WeightsFile.Open(shared "data/checkpoints/fortran_tensor_3d.pth")
                let entry = file.Entries[0]
                let shape = [| yield 1L; yield! entry.Shape; yield 1L |]

                use view =
                    new RenamedFile(file, [| Renaming(entry.Name, "table", shape, false) |], "")

                let found = view.Read "table"
                Expect.equal (List.ofArray found.shape) (List.ofArray shape) "shape"

                Expect.isTrue
                    (found.reshape(file.Read(entry.Name).shape).equal(file.Read entry.Name).all().item<bool>())
                    "values"

            testCase "conversion writes the official names"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let theirs, ours =
                        Path.Combine(folder, "timm.safetensors"), Path.Combine(folder, "ours.safetensors")

                    use source = (FastVit.T8 10).Build 3L
                    export source theirs |> ignore

                    let evidence =
                        WeightsConversion.Convert(theirs, ours, ConvertOptions(Model = FastVit.T8 10))

                    Expect.exists evidence.Notes (fun n -> n.Contains "names are those of timm") "said"
                    use file = WeightsFile.Open ours
                    let expected = set [ for entry in StateDict.Of source -> entry.Key ]
                    Expect.equal (set [ for entry in file.Entries -> entry.Name ]) expected "keys")

            testCase "a bias that is not zero has no place; other differences are in official names"
            <| fun () ->
                inTemporaryFolder (fun folder ->
                    let path = Path.Combine(folder, "theirs.safetensors")
                    use model = (Mci.Mci0 16).Build()
                    let names = export model path
                    use file = WeightsFile.Open path

                    let change change =
                        let tensors = System.Collections.Generic.Dictionary()

                        for name in names do
                            match change name (file.Read name) with
                            | Some value -> tensors.Add(name, value)
                            | None -> ()

                        let other = Path.Combine(folder, "other.safetensors")
                        SafetensorsWriter.Write(other, tensors)
                        other

                    let biased =
                        change (fun name value -> Some(if name = "head.fc.bias" then value + 1 else value))

                    failsSaying [ "head.fc.bias is not zero" ] (fun () -> model.Load biased |> ignore)

                    let short =
                        change (fun name value ->
                            if name = "stem.0.conv_kxk.0.conv.weight" then
                                None
                            else
                                Some value)

                    failsSaying [ "missing"; "patch_embed.0.rbr_conv.0.conv.weight"; "1 problem" ] (fun () ->
                        model.Load short |> ignore)

                    let wide =
                        change (fun name value ->
                            Some(
                                if name = "head.fc.weight" then
                                    torch.rand (16L, 1000L)
                                else
                                    value
                            ))

                    failsSaying [ "head.proj"; "[1000, 16]"; "[1024, 16]" ] (fun () -> model.Load wide |> ignore))

            testCase "folding of two towers, whole or in part"
            <| fun () ->
                use model = MobileClip.S0.Build 4L
                model.eval () |> ignore
                let whole = model.Reparameterize()
                Expect.equal (StateDict.Of(whole.Model).Count, StateDict.Of(model).Count) (389, 893) "entries"
                Expect.isLessThan whole.Evidence.RelativeDifference 1e-4 "embeddings"
                let part = model.Reparameterize(ReparameterizeOptions(Part = "image_encoder"))

                let folded, open' =
                    Modules.Reparameterizable part.Model
                    |> List.ofSeq
                    |> List.partition (fun struct (_, b) -> b.IsFolded)

                Expect.isNonEmpty folded "the image encoder"

                Expect.allEqual
                    (open' |> List.map (fun struct (p, _) -> p.StartsWith "text_encoder"))
                    true
                    "the text encoder stays"

                Expect.hasLength open' 2 "its two convolutional mixers"
                whole.Model.Dispose()
                part.Model.Dispose()
        ]
