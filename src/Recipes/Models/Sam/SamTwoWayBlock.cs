using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>A post-norm layer of the mask decoder: tokens see each other, then the image, and the image sees the tokens.</summary>
/// <remarks>Tokens <c>[B, T, C]</c>, image <c>[B, h·w, C]</c>; so are the outputs. In the first layer the tokens are their own places.</remarks>
internal sealed class SamTwoWayBlock : Module<SamPass, SamPass>
{
    private readonly bool _first;

    [ComponentName(Name = "self_attn")]
    private readonly SamCrossAttention _self;

    [ComponentName(Name = "norm1")]
    private readonly LayerNorm _norm1;

    [ComponentName(Name = "cross_attn_token_to_image")]
    private readonly SamCrossAttention _toImage;

    [ComponentName(Name = "norm2")]
    private readonly LayerNorm _norm2;

    [ComponentName(Name = "mlp")]
    private readonly SamFeedForward _feedForward;

    [ComponentName(Name = "norm3")]
    private readonly LayerNorm _norm3;

    [ComponentName(Name = "norm4")]
    private readonly LayerNorm _norm4;

    [ComponentName(Name = "cross_attn_image_to_token")]
    private readonly SamCrossAttention _toTokens;

    public SamTwoWayBlock(SamSpec spec, bool first)
        : base(nameof(SamTwoWayBlock))
    {
        _first = first;
        var (width, heads) = (spec.PromptWidth, spec.DecoderHeads);
        _self = new SamCrossAttention(width, heads, width);
        _toImage = new SamCrossAttention(width, heads, width / 2);
        _feedForward = new SamFeedForward(width, spec.DecoderInner, Activation.Relu);
        _toTokens = new SamCrossAttention(width, heads, width / 2);
        (_norm1, _norm2, _norm3, _norm4) = (LayerNorm(width), LayerNorm(width), LayerNorm(width), LayerNorm(width));
        RegisterComponents();
    }

    /// <summary>The same in ONNX.</summary>
    public (OnnxValue Tokens, OnnxValue Image) ToOnnx(
        OnnxGraph graph,
        OnnxValue tokens,
        OnnxValue image,
        OnnxValue tokenPlaces,
        OnnxValue imagePlaces
    )
    {
        var placed = tokens + tokenPlaces;
        tokens = _first ? _self.ToOnnx(graph, tokens, tokens, tokens) : tokens + _self.ToOnnx(graph, placed, placed, tokens);
        tokens = graph.Call(_norm1, tokens);
        var placedImage = image + imagePlaces;
        tokens = graph.Call(_norm2, tokens + _toImage.ToOnnx(graph, tokens + tokenPlaces, placedImage, image));
        tokens = graph.Call(_norm3, tokens + graph.Call(_feedForward, tokens));
        image = graph.Call(_norm4, image + _toTokens.ToOnnx(graph, placedImage, tokens + tokenPlaces, tokens));
        return (tokens, image);
    }

    public override SamPass forward(SamPass pass)
    {
        using var scope = NewDisposeScope();
        var (tokens, image, tokenPlaces, imagePlaces) = pass;
        if (_first)
            tokens = _self.call(tokens, tokens, tokens);
        else
        {
            var placed = tokens + tokenPlaces;
            tokens = tokens + _self.call(placed, placed, tokens);
        }
        tokens = _norm1.call(tokens);
        var placedImage = image + imagePlaces;
        tokens = _norm2.call(tokens + _toImage.call(tokens + tokenPlaces, placedImage, image));
        tokens = _norm3.call(tokens + _feedForward.call(tokens));
        image = _norm4.call(image + _toTokens.call(placedImage, tokens + tokenPlaces, tokens));
        return pass with { Tokens = tokens.MoveToOuterDisposeScope(), Image = image.MoveToOuterDisposeScope() };
    }
}

/// <summary>What goes through the mask decoder's layers, and the places that stay: tokens <c>[B, T, C]</c>, image <c>[B, h·w, C]</c>.</summary>
internal sealed record SamPass(Tensor Tokens, Tensor Image, Tensor TokenPlaces, Tensor ImagePlaces);
