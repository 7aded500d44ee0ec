/// The names and shapes of official checkpoints, written down from the fact sheets' tables and not from the code.
module Recipes.Tests.KeyListDoubles

/// A name and a shape.
type Key = string * int64 list

let private tensor name shape : Key = name, List.map int64 shape

let private affine name width =
    [ tensor $"{name}.weight" [ width ]; tensor $"{name}.bias" [ width ] ]

let private batchNorm name width =
    affine name width
    @ [
        tensor $"{name}.running_mean" [ width ]
        tensor $"{name}.running_var" [ width ]
        tensor $"{name}.num_batches_tracked" []
    ]

let private linear name outputs inputs =
    [
        tensor $"{name}.weight" [ outputs; inputs ]
        tensor $"{name}.bias" [ outputs ]
    ]

let private convolution name outputs inputs (height: int) width =
    [
        tensor $"{name}.weight" [ outputs; inputs; height; width ]
        tensor $"{name}.bias" [ outputs ]
    ]

/// A convolution without bias and its norm.
let private convNorm name outputs inputs height width =
    tensor $"{name}.conv.weight" [ outputs; inputs; height; width ]
    :: batchNorm $"{name}.bn" outputs

/// A block of MobileOne with one convolutional branch, train-time or folded.
let private block folded name outputs inputs kernel skip scale =
    if folded then
        convolution $"{name}.reparam_conv" outputs inputs kernel kernel
    else
        (if skip then batchNorm $"{name}.rbr_skip" outputs else [])
        @ convNorm $"{name}.rbr_conv.0" outputs inputs kernel kernel
        @ (if scale then
               convNorm $"{name}.rbr_scale" outputs inputs 1 1
           else
               [])

let private feedForward name width inner height kernel =
    convNorm $"{name}.convffn.conv" width 1 height kernel
    @ convolution $"{name}.convffn.fc1" inner width 1 1
    @ convolution $"{name}.convffn.fc2" width inner 1 1

/// RepMixer and feed-forward; a kernel of height 1 has no 1x1 branch.
let private mixerBlock folded name width inner height kernel large =
    let mixer = $"{name}.token_mixer"

    [ tensor $"{name}.layer_scale" [ width; 1; 1 ] ]
    @ (if folded then
           convolution $"{mixer}.reparam_conv" width 1 height kernel
       else
           [ tensor $"{mixer}.layer_scale" [ width; 1; 1 ] ]
           @ batchNorm $"{mixer}.norm.rbr_skip" width
           @ batchNorm $"{mixer}.mixer.rbr_skip" width
           @ convNorm $"{mixer}.mixer.rbr_conv.0" width 1 height kernel
           @ (if height > 1 then
                  convNorm $"{mixer}.mixer.rbr_scale" width 1 1 1
              else
                  []))
    @ feedForward name width inner (if height = 1 then 1 else large) large

let private attentionBlock name width inner layerNorm =
    [
        tensor $"{name}.layer_scale_1" [ width; 1; 1 ]
        tensor $"{name}.layer_scale_2" [ width; 1; 1 ]
    ]
    @ (if layerNorm then
           affine $"{name}.norm" width
       else
           batchNorm $"{name}.norm" width)
    @ [ tensor $"{name}.token_mixer.qkv.weight" [ 3 * width; width ] ]
    @ linear $"{name}.token_mixer.proj" width width
    @ feedForward name width inner 7 7

/// What stands behind the features.
type Head =
    | Classifier of int
    | Projection of int

/// FastViT and MCi (fastvit.md 5, mobileclip.md 2.2 and 5.1, fastvlm.md 5).
type FastVitRow =
    {
        Depths: int list
        Widths: int list
        Ratio: int
        Attention: int
        LayerNorm: bool
        StemScale: bool
        Gates: bool list
        Head: Head
    }

let fastVit folded (row: FastVitRow) : Key list =
    let first, last = row.Widths[0], 2 * List.last row.Widths

    let stage index (at, keys) =
        let width, inner = row.Widths[index], row.Ratio * row.Widths[index]

        let down =
            if index = 0 then
                []
            else
                let proj = $"network.{at}.proj"

                let gate =
                    if row.Gates.Length >= index && row.Gates[index - 1] then
                        convolution $"{proj}.0.se.fc1" (width / 4) width 1 1
                        @ convolution $"{proj}.0.se.fc2" width (width / 4) 1 1
                    else
                        []

                (if folded then
                     convolution $"{proj}.0.lkb_reparam" width 1 7 7
                 else
                     convNorm $"{proj}.0.lkb_origin" width 1 7 7
                     @ convNorm $"{proj}.0.small_conv" width 1 3 3)
                @ gate
                @ block folded $"{proj}.1" width width 1 true false

        let at = if index = 0 then at else at + 1
        let attends = index >= row.Depths.Length - row.Attention

        let position =
            if not attends then
                []
            elif folded then
                convolution $"network.{at}.reparam_conv" width 1 7 7
            else
                convolution $"network.{at}.pe" width 1 7 7

        let at = if attends then at + 1 else at

        let blocks =
            [
                for b in 0 .. row.Depths[index] - 1 do
                    let name = $"network.{at}.{b}"

                    if attends then
                        yield! attentionBlock name width inner row.LayerNorm
                    else
                        yield! mixerBlock folded name width inner 3 3 7
            ]

        at + 1, keys @ down @ position @ blocks

    let stem =
        block folded "patch_embed.0" first 3 3 false row.StemScale
        @ block folded "patch_embed.1" first 1 3 false row.StemScale
        @ block folded "patch_embed.2" first first 1 true false

    let _, body =
        Seq.fold (fun state index -> stage index state) (0, []) [ 0 .. row.Depths.Length - 1 ]

    let tail =
        convolution "conv_exp.se.reduce" (last / 16) last 1 1
        @ convolution "conv_exp.se.expand" last (last / 16) 1 1
        @ block folded "conv_exp" last 1 3 false true

    stem
    @ body
    @ tail
    @ match row.Head with
      | Classifier classes -> linear "head" classes last
      | Projection width -> [ tensor "head.proj" [ last; width ] ]

let private layer name width =
    affine $"{name}.pre_norm_mha.0" width
    @ linear $"{name}.pre_norm_mha.1.qkv_proj" (3 * width) width
    @ linear $"{name}.pre_norm_mha.1.out_proj" width width
    @ affine $"{name}.pre_norm_ffn.0" width
    @ linear $"{name}.pre_norm_ffn.1" (4 * width) width
    @ linear $"{name}.pre_norm_ffn.4" width (4 * width)

/// MobileCLIP's text encoders (mobileclip.md 5.1): Base, and MCt with a convolutional block before and behind.
let text folded hybrid : Key list =
    [
        tensor "embedding_layer.weight" [ 49408; 512 ]
        tensor "positional_embedding.pos_embed.pos_embed" [ 1; 1; 77; 512 ]
        tensor "projection_layer" [ 512; 512 ]
    ]
    @ affine "final_layer_norm" 512
    @ (if hybrid then
           mixerBlock folded "transformer.0" 512 2048 1 11 11
           @ List.collect (fun i -> layer $"transformer.{i}" 512) [ 1..4 ]
           @ mixerBlock folded "transformer.5" 512 2048 1 11 11
       else
           List.collect (fun i -> layer $"transformer.{i}" 512) [ 0..11 ])

/// MobileCLIP-B's image encoder (mobileclip.md 5.2).
let vit: Key list =
    [
        tensor "cls_token" [ 1; 1; 768 ]
        tensor "pos_embed.pos_embed.pos_embed" [ 1; 1; 196; 768 ]
        tensor "patch_emb.0.block.conv.weight" [ 192; 3; 4; 4 ]
        tensor "patch_emb.1.block.conv.weight" [ 192; 192; 2; 2 ]
        tensor "classifier.proj" [ 768; 512 ]
    ]
    @ batchNorm "patch_emb.0.block.norm" 192
    @ batchNorm "patch_emb.1.block.norm" 192
    @ convolution "patch_emb.2.block.conv" 768 192 2 2
    @ affine "post_transformer_norm" 768
    @ List.collect (fun i -> layer $"transformer.{i}" 768) [ 0..11 ]

/// OpenAI's layers.
let private resblock name width =
    affine $"{name}.ln_1" width
    @ [
        tensor $"{name}.attn.in_proj_weight" [ 3 * width; width ]
        tensor $"{name}.attn.in_proj_bias" [ 3 * width ]
    ]
    @ linear $"{name}.attn.out_proj" width width
    @ affine $"{name}.ln_2" width
    @ linear $"{name}.mlp.c_fc" (4 * width) width
    @ linear $"{name}.mlp.c_proj" width (4 * width)

/// CLIP's text encoder, whose names stand beside `visual.`, or behind `text.` in open_clip's MobileCLIP2.
let clipText width joint : Key list =
    [
        tensor "positional_embedding" [ 77; width ]
        tensor "text_projection" [ width; joint ]
        tensor "token_embedding.weight" [ 49408; width ]
    ]
    @ affine "ln_final" width
    @ List.collect (fun i -> resblock $"transformer.resblocks.{i}" width) [ 0..11 ]

let clip patch (pixels: int) width layers textWidth joint : Key list =
    let visual =
        [
            tensor "class_embedding" [ width ]
            tensor "positional_embedding" [ 1 + (pixels / patch) * (pixels / patch); width ]
            tensor "proj" [ width; joint ]
            tensor "conv1.weight" [ width; 3; patch; patch ]
        ]
        @ affine "ln_pre" width
        @ affine "ln_post" width
        @ List.collect (fun i -> resblock $"transformer.resblocks.{i}" width) [ 0 .. layers - 1 ]

    [ tensor "logit_scale" [] ]
    @ clipText textWidth joint
    @ List.map (fun (name, shape) -> $"visual.{name}", shape) visual

/// Qwen2 and FastVLM's language model (fastvlm.md 5).
let qwen width layers keys inner vocabulary : Key list =
    [
        tensor "model.embed_tokens.weight" [ vocabulary; width ]
        tensor "model.norm.weight" [ width ]
        tensor "lm_head.weight" [ vocabulary; width ]
    ]
    @ List.collect
        (fun i ->
            let name = $"model.layers.{i}"

            [
                tensor $"{name}.input_layernorm.weight" [ width ]
                tensor $"{name}.post_attention_layernorm.weight" [ width ]
                tensor $"{name}.self_attn.o_proj.weight" [ width; width ]
                tensor $"{name}.mlp.gate_proj.weight" [ inner; width ]
                tensor $"{name}.mlp.up_proj.weight" [ inner; width ]
                tensor $"{name}.mlp.down_proj.weight" [ width; inner ]
            ]
            @ linear $"{name}.self_attn.q_proj" width width
            @ linear $"{name}.self_attn.k_proj" keys width
            @ linear $"{name}.self_attn.v_proj" keys width)
        [ 0 .. layers - 1 ]

/// The connector (fastvlm.md 5).
let connector width : Key list =
    linear "0" width 3072 @ linear "2" width width
