using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>
/// Forward Compatible Training's transformation h (arXiv 2112.02805): from a stored old embedding and its side-information to the new
/// network's embedding; 5,712,000 parameters at 128-d. Keys are those of the official code.
/// </summary>
/// <remarks>Old <c>[B, dₒ]</c> or <c>[B, dₒ, 1, 1]</c> and side <c>[B, dₛ(, 1, 1)]</c>; output <c>[B, dₙ]</c>, or with ones as the old has them.</remarks>
public sealed class FctTransformation : Module<Tensor, Tensor, Tensor>, IRebuildable, ITowers, IOnnxParts
{
    [ComponentName(Name = "p1")]
    private readonly Module<Tensor, Tensor> _old;

    [ComponentName(Name = "p2")]
    private readonly Module<Tensor, Tensor> _side;

    [ComponentName(Name = "mixer")]
    private readonly Module<Tensor, Tensor> _mixer;

    /// <summary>Builds the network.</summary>
    public FctTransformation(FctTransformationSpec spec)
        : base(spec.Name)
    {
        Spec = spec;
        _old = Branch(spec.Old, spec.New);
        _side = Branch(spec.Side, spec.New);
        _mixer = Modules.Numbered([
            new Block(4L * spec.New, spec.Inner),
            new Block(spec.Inner, spec.Inner),
            new Block(spec.Inner, spec.New, plain: true),
        ]);
        RegisterComponents();
    }

    /// <summary>What the network was built from.</summary>
    public FctTransformationSpec Spec { get; }

    /// <inheritdoc/>
    public IReadOnlyList<long> Probe => [2, Spec.Old];

    /// <inheritdoc/>
    public IReadOnlyList<Tower> Towers =>
        [new("transformation", parameters().Sum(p => p.numel()), Both, _ => zeros(1, Spec.Old + Spec.Side))];

    /// <summary>Transforms old embeddings without side-information: the official code gives them twice.</summary>
    /// <exception cref="RecipesException">The widths of old and side differ.</exception>
    public Tensor call(Tensor old) => call(old, old);

    /// <inheritdoc/>
    public override Tensor forward(Tensor old, Tensor side)
    {
        if (old.shape[1] != Spec.Old || side.shape[1] != Spec.Side || old.shape[0] != side.shape[0])
            throw new RecipesException(
                $"{Spec.Name}: expected old embeddings [B, {Spec.Old}] and side-information [B, {Spec.Side}], found [{string.Join(", ", old.shape)}] and [{string.Join(", ", side.shape)}]."
            );
        using var scope = NewDisposeScope();
        var both = cat([_old.call(Map(old)), _side.call(Map(side))], 1);
        var output = _mixer.call(both);
        return (old.dim() == 2 ? output.flatten(1) : output).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public IReadOnlyList<OnnxPart> OnnxParts(int? resolution = null)
    {
        return
        [
            new OnnxPart(
                "transformation",
                OnnxPart.OneSample,
                [OnnxInput.Floats("old", OnnxPart.Batch, Spec.Old), OnnxInput.Floats("side", OnnxPart.Batch, Spec.Side)],
                (graph, x) => [("new", ToOnnx(graph, x[0], x[1]))],
                x => [call(x[0], x[1])]
            ),
        ];
    }

    private OnnxValue ToOnnx(OnnxGraph graph, OnnxValue old, OnnxValue side)
    {
        static OnnxValue Map(OnnxValue vectors) => vectors.Unsqueeze(-1).Unsqueeze(-1);
        var both = graph.Concat(1, graph.Call(_old, Map(old)), graph.Call(_side, Map(side)));
        return graph.Call(_mixer, both).Flatten(1);
    }

    /// <inheritdoc/>
    public Module Rebuild() => new FctTransformation(Spec);

    // Old and side beside each other.
    private Tensor Both(Tensor vectors)
    {
        using var old = vectors.narrow(1, 0, Spec.Old);
        using var side = vectors.narrow(1, Spec.Old, Spec.Side);
        return call(old, side);
    }

    private static Tensor Map(Tensor vectors) => vectors.dim() == 2 ? vectors.unsqueeze(-1).unsqueeze(-1) : vectors;

    private static Sequential Branch(long input, long output) =>
        Modules.Numbered([new Block(input, 2 * input), new Block(2 * input, 2 * output)]);

    // A linear layer, normalisation, ReLU; the last one is linear with a bias and nothing else.
    private sealed class Block : Module<Tensor, Tensor>, IOnnxLayer
    {
        [ComponentName(Name = "conv")]
        private readonly PointwiseConv _linear;

        [ComponentName(Name = "normalizer")]
        private readonly BatchNorm2d? _norm;

        public Block(long input, long output, bool plain = false)
            : base(nameof(Block))
        {
            _linear = new PointwiseConv(input, output, bias: plain);
            _norm = plain ? null : BatchNorm2d(output);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            if (_norm is null)
                return _linear.call(input);
            using var scope = NewDisposeScope();
            return functional.relu(_norm.call(_linear.call(input))).MoveToOuterDisposeScope();
        }

        /// <inheritdoc/>
        public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
        {
            var output = graph.Call(_linear, input);
            return _norm is null ? output : graph.Call(_norm, output).Relu();
        }
    }
}

/// <summary>The sizes of a <see cref="FctTransformation"/>.</summary>
public sealed record FctTransformationSpec : NetworkSpec
{
    /// <summary>dₒ, width of the old embedding.</summary>
    /// <value>Default 128.</value>
    public int Old { get; init; } = 128;

    /// <summary>dₙ, width of the new embedding.</summary>
    /// <value>Default 128.</value>
    public int New { get; init; } = 128;

    /// <summary>dₛ, width of the side-information.</summary>
    /// <value>Default 128.</value>
    public int Side { get; init; } = 128;

    /// <summary>Width between the mixer's layers.</summary>
    /// <value>Default 2048.</value>
    public int Inner { get; init; } = 2048;

    /// <summary>It has no images.</summary>
    public override int Resolution => 0;

    /// <inheritdoc/>
    public override FctTransformation Build(long seed = 0) => (FctTransformation)base.Build(seed);

    /// <inheritdoc/>
    protected override Module CreateModule() => new FctTransformation(this);
}
