using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

// A pre-norm layer with timm's names: [B, T, D] to [B, T, D].
internal sealed class SiglipBlock : Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "norm1")]
    private readonly LayerNorm _norm1;

    [ComponentName(Name = "attn")]
    private readonly SiglipAttention _attention;

    [ComponentName(Name = "norm2")]
    private readonly LayerNorm _norm2;

    [ComponentName(Name = "mlp")]
    private readonly SiglipFeedForward _feedForward;

    public SiglipBlock(SiglipSpec spec)
        : base(nameof(SiglipBlock))
    {
        (_norm1, _norm2) = (LayerNorm(spec.Width, 1e-6), LayerNorm(spec.Width, 1e-6));
        _attention = new SiglipAttention(spec);
        _feedForward = new SiglipFeedForward(spec);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var mixed = input + _attention.call(_norm1.call(input));
        return (mixed + _feedForward.call(_norm2.call(mixed))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var mixed = input + graph.Call(_attention, graph.Call(_norm1, input));
        return mixed + graph.Call(_feedForward, graph.Call(_norm2, mixed));
    }
}

// Self-attention with timm's names.
internal sealed class SiglipAttention : Module<Tensor, Tensor>, ICountedLayer, IOnnxLayer
{
    private readonly long _heads;

    [ComponentName(Name = "qkv")]
    private readonly Linear _qkv;

    [ComponentName(Name = "proj")]
    private readonly Linear _proj;

    public SiglipAttention(SiglipSpec spec)
        : base(nameof(SiglipAttention))
    {
        _heads = spec.Heads;
        (_qkv, _proj) = (Linear(spec.Width, 3 * spec.Width), Linear(spec.Width, spec.Width));
        RegisterComponents();
    }

    public long ProductMacs(Tensor input) => 2 * input.shape[1] * input.shape[1] * input.shape[2];

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return _proj.call(AttentionCore.SelfAttention(_qkv.call(input), _heads)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) =>
        graph.Call(_proj, AttentionCore.SelfAttention(graph.Call(_qkv, input), _heads));
}

// Linear, exact GELU, linear, with timm's names.
internal sealed class SiglipFeedForward : Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "fc1")]
    private readonly Linear _expand;

    [ComponentName(Name = "act")]
    private readonly GELU _activation;

    [ComponentName(Name = "fc2")]
    private readonly Linear _project;

    public SiglipFeedForward(SiglipSpec spec)
        : base(nameof(SiglipFeedForward))
    {
        (_expand, _activation, _project) = (Linear(spec.Width, spec.Inner), GELU(), Linear(spec.Inner, spec.Width));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return _project.call(_activation.call(_expand.call(input))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) => graph.Call(_project, graph.Call(_activation, graph.Call(_expand, input)));
}
