using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>CLIP's image encoder, a vision transformer (arXiv 2103.00020, sec. 2.4), with OpenAI's names.</summary>
/// <remarks>
/// Input <c>[B, 3, R, R]</c> at the resolution it was built for, output features <c>[B, E]</c>, not normalised. Keys <c>class_embedding</c>,
/// <c>positional_embedding</c>, <c>proj</c>, <c>conv1</c>, <c>ln_pre</c>, <c>transformer.resblocks</c>, <c>ln_post</c>.
/// </remarks>
public sealed partial class ClipVision : Module<Tensor, Tensor>, IRebuildable, ISpecified, ITokenEncoder, INamedElsewhere, IOnnxLayer
{
    [ComponentName(Name = "class_embedding")]
    private readonly Parameter _class;

    [ComponentName(Name = "positional_embedding")]
    private readonly Parameter _positions;

    [ComponentName(Name = "proj")]
    private readonly Parameter _projection;

    [ComponentName(Name = "proj_bias")]
    private readonly Parameter? _bias;

    [ComponentName(Name = "conv1")]
    private readonly Conv2d _patches;

    [ComponentName(Name = "ln_pre")]
    private readonly LayerNorm _before;

    [ComponentName(Name = "transformer")]
    private readonly ClipTransformer _transformer;

    [ComponentName(Name = "ln_post")]
    private readonly LayerNorm _after;

    /// <summary>Builds the encoder.</summary>
    public ClipVision(ClipVisionSpec spec)
        : base(spec.Name)
    {
        Spec = spec;
        var (width, side) = (spec.Width, spec.ImageSize / spec.Patch);
        var deviation = Math.Pow(width, -0.5);
        _class = Parameters.Normal(deviation, width);
        _positions = Parameters.Normal(deviation, side * side + 1, width);
        _projection = Parameters.Normal(deviation, width, spec.Classes);
        _bias = spec.HeadBias ? Parameters.Full(0, spec.Classes) : null;
        _patches = Conv2d(3, width, spec.Patch, spec.Patch, bias: false);
        _before = LayerNorm(width);
        _transformer = new ClipTransformer(spec.Layers, width, width / 64, causal: false, spec.Activation);
        _after = LayerNorm(width);
        RegisterComponents();
    }

    /// <summary>What the encoder was built from.</summary>
    public ClipVisionSpec Spec { get; }

    ModelSpec ISpecified.Spec => Spec;

    int ITokenEncoder.TokenWidth => Spec.Width;

    /// <inheritdoc/>
    public IReadOnlyList<NameScheme> NameSchemes => [new("timm", key => TimmNames.ClipVision(key, Spec))];

    /// <inheritdoc/>
    public IReadOnlyList<long> Probe => [2, 3, Spec.ImageSize, Spec.ImageSize];

    /// <inheritdoc/>
    public Module Rebuild() => Spec.BuildPart();

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var features = Run(input)[TensorIndex.Colon, 0];
        var projected = _after.call(features).matmul(_projection);
        return (_bias is null ? projected : projected + _bias).MoveToOuterDisposeScope();
    }

    /// <summary>The features of the patches behind the last layer, without the class token and any norm, as LLaVA takes them: <c>[B, T, D]</c>.</summary>
    public Tensor Tokens(Tensor input)
    {
        using var scope = NewDisposeScope();
        return Run(input)[TensorIndex.Colon, 1..].MoveToOuterDisposeScope();
    }

    // The class token and the patches behind the last layer.
    private Tensor Run(Tensor input)
    {
        ImageInput.Check(input, Spec.Name);
        using var scope = NewDisposeScope();
        var patches = _patches.call(input).flatten(2).transpose(1, 2); // [B, T, D]
        if (patches.shape[1] + 1 != _positions.shape[0])
            throw ImageInput.Patches(Spec.Name, input.shape, patches.shape[1], _positions.shape[0] - 1);
        var tokens = cat([_class.expand(input.shape[0], 1, -1), patches], 1) + _positions;
        return _transformer.call(_before.call(tokens)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var patches = graph.Call(_patches, input).Flatten(2).Transpose(1, 2); // [B, T, D]
        if (patches.Size(1) + 1 != _positions.shape[0])
            throw ImageInput.Patches(Spec.Name, input.Shape, patches.Size(1), _positions.shape[0] - 1);
        var first = graph.Weight("class_embedding", _class).Expand(input.Shape[0], 1, Spec.Width);
        var tokens = graph.Concat(1, first, patches) + graph.Weight("positional_embedding", _positions);
        var features = graph.Call(_transformer, graph.Call(_before, tokens)).Select(1, 0);
        var projected = graph.Call(_after, features).MatMul(graph.Weight("proj", _projection));
        return _bias is null ? projected : projected + graph.Weight("proj_bias", _bias);
    }
}
