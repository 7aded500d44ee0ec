using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>The Qwen2 language model; keys are those of transformers' checkpoints.</summary>
/// <remarks>Token ids int64 <c>[B, T]</c>, logits <c>[B, T, V]</c>.</remarks>
public class Qwen2 : Decoder
{
    [ComponentName(Name = "model")]
    private readonly Qwen2Body _model;

    [ComponentName(Name = "lm_head")]
    private readonly Module<Tensor, Tensor> _head;

    /// <summary>Builds the network; matrices start as N(0, 0.02²), biases as 0.</summary>
    public Qwen2(Qwen2Spec spec)
        : this(spec, []) { }

    // A model built around this one has parts of its own among the body's, behind `model.`.
    private protected Qwen2(Qwen2Spec spec, IEnumerable<(string Name, Module Part)> parts)
        : base(spec)
    {
        _model = new Qwen2Body(spec, parts);
        _head = spec.TiedHead
            ? new TiedHead(() => _model.Table.Weight)
            : FreshWeights.Linear(spec.Width, spec.Vocabulary, false, Qwen2Body.Initial);
#pragma warning disable MA0056 // nobody overrides it: the one heir adds its parts to the body
        RegisterComponents();
#pragma warning restore MA0056
    }

    /// <inheritdoc/>
    protected sealed override Tensor Frequencies => _model.Frequencies;

    /// <summary>0.5B: 494 M parameters, tied.</summary>
    public static Qwen2Spec B05() => Variant("qwen2_0.5b", 896, 24, 14, 2, 4864, 151_936, tied: true);

    /// <summary>1.5B: 1.54 G parameters, tied.</summary>
    public static Qwen2Spec B15() => Variant("qwen2_1.5b", 1536, 28, 12, 2, 8960, 151_936, tied: true);

    /// <summary>7B: 7.62 G parameters, not tied.</summary>
    public static Qwen2Spec B7() => Variant("qwen2_7b", 3584, 28, 28, 4, 18_944, 152_064, tied: false);

    /// <summary>Vicuna-7B v1.5 (LLaMA 2), 6.74 G parameters: LLaVA-1.5's language model. Qwen2's operators without biases, every head with keys of its own.</summary>
    public static Qwen2Spec Vicuna7B() =>
        Variant("vicuna_7b", 4096, 32, 32, 32, 11_008, 32_000, tied: false) with
        {
            Biases = false,
            Context = 4096,
            RotaryBase = 1e4,
            NormEpsilon = 1e-5,
        };

    /// <inheritdoc/>
    public sealed override Tensor Logits(Tensor hidden) => _head.call(hidden);

    /// <inheritdoc/>
    protected sealed override Tensor Lookup(Tensor ids) => _model.Table.call(ids);

    /// <inheritdoc/>
    protected sealed override Tensor Run(Tensor embeds, DecoderPass pass) => _model.call(embeds, pass);

    /// <inheritdoc/>
    internal sealed override OnnxValue Lookup(OnnxGraph graph, OnnxValue ids) => graph.Call(_model.Table, ids);

    /// <inheritdoc/>
    internal sealed override OnnxValue Run(OnnxGraph graph, OnnxValue embeds, OnnxPass pass) =>
        graph.In(_model, () => _model.ToOnnx(graph, embeds, pass));

    /// <inheritdoc/>
    internal sealed override OnnxValue Logits(OnnxGraph graph, OnnxValue hidden) => graph.Call(_head, hidden);

    private static Qwen2Spec Variant(string name, int width, int layers, int heads, int keyHeads, int inner, int vocabulary, bool tied) =>
        new()
        {
            Name = name,
            Width = width,
            Layers = layers,
            Heads = heads,
            KeyValueHeads = keyHeads,
            Inner = inner,
            Vocabulary = vocabulary,
            TiedHead = tied,
            Context = 32_768,
            RotaryBase = 1e6,
            NormEpsilon = 1e-6,
        };
}
