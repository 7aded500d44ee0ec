using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// The mask decoder's transformer. Keys layers.N, final_attn_token_to_image, norm_final_attn.
internal sealed class SamTwoWay : Module<SamPass, SamPass>
{
    [ComponentName(Name = "layers")]
    private readonly ModuleList<SamTwoWayBlock> _layers;

    [ComponentName(Name = "final_attn_token_to_image")]
    private readonly SamCrossAttention _last;

    [ComponentName(Name = "norm_final_attn")]
    private readonly LayerNorm _norm;

    public SamTwoWay(SamSpec spec)
        : base(nameof(SamTwoWay))
    {
        _layers = new ModuleList<SamTwoWayBlock>([
            .. Enumerable.Range(0, spec.DecoderDepth).Select(i => new SamTwoWayBlock(spec, first: i == 0)),
        ]);
        _last = new SamCrossAttention(spec.PromptWidth, spec.DecoderHeads, spec.PromptWidth / 2);
        _norm = LayerNorm(spec.PromptWidth);
        RegisterComponents();
    }

    /// <summary>The same in ONNX: tokens and image.</summary>
    public (OnnxValue Tokens, OnnxValue Image) ToOnnx(OnnxGraph graph, OnnxValue tokens, OnnxValue image, OnnxValue imagePlaces)
    {
        var (x, y) = (tokens, image);
        foreach (var layer in _layers)
            (x, y) = graph.In(layer, () => layer.ToOnnx(graph, x, y, tokens, imagePlaces));
        var mixed = _last.ToOnnx(graph, x + tokens, y + imagePlaces, y);
        return (graph.Call(_norm, x + mixed), y);
    }

    public override SamPass forward(SamPass pass)
    {
        using var scope = NewDisposeScope();
        foreach (var layer in _layers)
            pass = layer.call(pass);
        var mixed = _last.call(pass.Tokens + pass.TokenPlaces, pass.Image + pass.ImagePlaces, pass.Image);
        var tokens = _norm.call(pass.Tokens + mixed);
        return pass with { Tokens = tokens.MoveToOuterDisposeScope(), Image = pass.Image.MoveToOuterDisposeScope() };
    }
}
