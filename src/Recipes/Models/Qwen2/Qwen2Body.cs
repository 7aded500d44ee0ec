using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>Qwen2 without the output layer: embedding table, layers, last norm (keys behind <c>model.</c>); more parts may stand beside them.</summary>
/// <remarks>Embeddings in and hidden states out, <c>[B, T, D]</c>.</remarks>
internal sealed class Qwen2Body : Module<Tensor, DecoderPass, Tensor>
{
    [ComponentName(Name = "embed_tokens")]
    private readonly TokenTable _table;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<Qwen2Layer> _layers;

    [ComponentName(Name = "norm")]
    private readonly RmsNorm _norm;

    private readonly Qwen2Spec _spec;

    public Qwen2Body(Qwen2Spec spec, IEnumerable<(string Name, Module Part)> parts)
        : base(nameof(Qwen2Body))
    {
        _spec = spec;
        _table = new TokenTable(spec.Vocabulary, spec.Width, Initial);
        _layers = new ModuleList<Qwen2Layer>([.. Enumerable.Range(0, spec.BuiltLayers).Select(_ => new Qwen2Layer(spec))]);
        _norm = new RmsNorm(spec.Width, spec.NormEpsilon);
        RegisterComponents();
        foreach (var (name, part) in parts)
            register_module(name, part);
    }

    /// <summary>How every matrix starts.</summary>
    public static Action<Tensor> Initial { get; } = FreshWeights.Normal(0.02);

    public TokenTable Table => _table;

    /// <summary>Not part of the state: computed for each pass.</summary>
    public Tensor Frequencies => RotaryTable.Frequencies(_spec.HeadWidth, _spec.RotaryBase).to(_table.Weight.device);

    /// <inheritdoc/>
    public override Tensor forward(Tensor embeds, DecoderPass pass)
    {
        using var scope = NewDisposeScope();
        var x = embeds;
        for (var i = 0; i < _spec.Layers; i++)
        {
            using var before = ReferenceEquals(x, embeds) ? null : x;
            x = Layer(i).call(x, pass with { Layer = i });
        }
        return _norm.call(x).MoveToOuterDisposeScope();
    }

    /// <summary>The same in ONNX.</summary>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue embeds, OnnxPass pass)
    {
        var x = embeds;
        for (var i = 0; i < _spec.Layers; i++)
            x = graph.In(Layer(i), () => Layer(i).ToOnnx(graph, x, pass));
        return graph.Call(_norm, x);
    }

    // A network of one shared layer calls it again and again.
    private Qwen2Layer Layer(int index) => _layers[index % _layers.Count];
}
