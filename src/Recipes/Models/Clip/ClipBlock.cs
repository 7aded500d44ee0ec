using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>A pre-norm transformer layer with the names of OpenAI's CLIP.</summary>
/// <remarks>Input and output <c>[B, T, D]</c>. Keys <c>attn</c>, <c>ln_1</c>, <c>mlp.c_fc</c>, <c>mlp.c_proj</c>, <c>ln_2</c>.</remarks>
public sealed class ClipBlock : Module<Tensor, Tensor>, IOnnxLayer
{
    [ComponentName(Name = "attn")]
    private readonly ClipAttention _attention;

    [ComponentName(Name = "ln_1")]
    private readonly LayerNorm _norm1;

    [ComponentName(Name = "mlp")]
    private readonly FeedForward _feedForward;

    [ComponentName(Name = "ln_2")]
    private readonly LayerNorm _norm2;

    /// <summary>Builds the layer.</summary>
    /// <param name="width">D.</param>
    /// <param name="heads">Attention heads, which share D.</param>
    /// <param name="causal">Whether a position sees only itself and what is before it.</param>
    /// <param name="activation">OpenAI's models have QuickGELU, later ones GELU.</param>
    public ClipBlock(long width, long heads, bool causal, Activation activation)
        : base(nameof(ClipBlock))
    {
        _attention = new ClipAttention(width, heads, causal);
        (_norm1, _norm2) = (LayerNorm(width), LayerNorm(width));
        _feedForward = new FeedForward(width, activation);
        RegisterComponents();
    }

    /// <inheritdoc/>
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

    private sealed class FeedForward : Module<Tensor, Tensor>, IOnnxLayer
    {
        private readonly Activation _activation;

        [ComponentName(Name = "c_fc")]
        private readonly Linear _expand;

        [ComponentName(Name = "c_proj")]
        private readonly Linear _project;

        public FeedForward(long width, Activation activation)
            : base(nameof(FeedForward))
        {
            _activation = activation;
            (_expand, _project) = (Linear(width, 4 * width), Linear(4 * width, width));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return _project.call(_activation.Apply(_expand.call(input))).MoveToOuterDisposeScope();
        }

        /// <inheritdoc/>
        public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input) => graph.Call(_project, _activation.Apply(graph.Call(_expand, input)));
    }
}
