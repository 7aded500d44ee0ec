using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>The embedding networks of Forward Compatible Training; keys are those of the official code (and torchvision's).</summary>
/// <remarks>
/// Input <c>[B, 3, H, W]</c>, output logits <c>[B, classes]</c>; <see cref="Embed"/> gives <c>[B, D]</c>. The classifier is a 1x1 convolution
/// without bias.
/// </remarks>
public sealed class ResNet : Module<Tensor, Tensor>, IRebuildable, ISpecified, IOnnxLayer
{
    [ComponentName(Name = "conv1")]
    private readonly Conv2d _stem;

    [ComponentName(Name = "bn1")]
    private readonly BatchNorm2d _norm;

    [ComponentName(Name = "maxpool")]
    private readonly MaxPool2d _pool;

    [ComponentName(Name = "layer1")]
    private readonly Module<Tensor, Tensor> _layer1;

    [ComponentName(Name = "layer2")]
    private readonly Module<Tensor, Tensor> _layer2;

    [ComponentName(Name = "layer3")]
    private readonly Module<Tensor, Tensor> _layer3;

    [ComponentName(Name = "layer4")]
    private readonly Module<Tensor, Tensor> _layer4;

    [ComponentName(Name = "avgpool")]
    private readonly AdaptiveAvgPool2d _mean;

    [ComponentName(Name = "fc")]
    private readonly PointwiseConv _classifier;

    /// <summary>Builds the network.</summary>
    public ResNet(ResNetSpec spec)
        : base(spec.Name)
    {
        Spec = spec;
        _stem = Conv2d(3, 64, 7, 2, padding: 3, bias: false);
        _norm = BatchNorm2d(64);
        _pool = MaxPool2d(3, 2, 1);
        var channels = 64L;
        _layer1 = Stage(spec, 0, ref channels);
        _layer2 = Stage(spec, 1, ref channels);
        _layer3 = Stage(spec, 2, ref channels);
        _layer4 = Stage(spec, 3, ref channels);
        _mean = AdaptiveAvgPool2d(1);
        _classifier = new PointwiseConv(spec.Embedding, spec.Classes, bias: false);
        RegisterComponents();
    }

    /// <summary>What the network was built from.</summary>
    public ResNetSpec Spec { get; }

    ModelSpec ISpecified.Spec => Spec;

    /// <inheritdoc/>
    public IReadOnlyList<long> Probe => [2, 3, 64, 64];

    /// <summary>ResNet-18 with a 128-d embedding.</summary>
    public static ResNetSpec R18(int classes = 1000) => Variant("fct_resnet18", classes, [2, 2, 2, 2], bottleneck: false);

    /// <summary>ResNet-50 with a 128-d embedding, the paper's old and new network.</summary>
    public static ResNetSpec R50(int classes = 1000) => Variant("fct_resnet50", classes, [3, 4, 6, 3]);

    /// <summary>ResNet-101 with a 128-d embedding. The official constructor has a misspelt argument and cannot be called.</summary>
    public static ResNetSpec R101(int classes = 1000) => Variant("fct_resnet101", classes, [3, 4, 23, 3]);

    /// <summary>Wide ResNet-50-2 with a 128-d embedding.</summary>
    public static ResNetSpec Wide50(int classes = 1000) => Variant("fct_wide_resnet50_2", classes, [3, 4, 6, 3]) with { Widening = 2 };

    /// <summary>Embeddings, not normalised: <c>[B, 3, H, W]</c> to <c>[B, D]</c>.</summary>
    public Tensor Embed(Tensor images)
    {
        using var scope = NewDisposeScope();
        return Pooled(images).flatten(1).MoveToOuterDisposeScope();
    }

    /// <summary>Logits of embeddings: <c>[B, D]</c> to <c>[B, classes]</c>.</summary>
    public Tensor Classify(Tensor embeddings)
    {
        using var scope = NewDisposeScope();
        return _classifier.call(embeddings.unsqueeze(-1).unsqueeze(-1)).flatten(1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        return _classifier.call(Pooled(input)).flatten(1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var stem = graph.Call(_norm, graph.Call(_stem, input)).Relu();
        Module[] parts = [_pool, _layer1, _layer2, _layer3, _layer4, _mean, _classifier];
        return parts.Aggregate(stem, (x, part) => graph.Call(part, x)).Flatten(1);
    }

    /// <inheritdoc/>
    public Module Rebuild() => new ResNet(Spec);

    private Tensor Pooled(Tensor images)
    {
        ImageInput.Check(images, Spec.Name);
        var x = _pool.call(functional.relu(_norm.call(_stem.call(images))));
        return _mean.call(_layer4.call(_layer3.call(_layer2.call(_layer1.call(x)))));
    }

    // The first block changes size and channels, the last one of the last stage puts out the embedding.
    private static Sequential Stage(ResNetSpec spec, int stage, ref long channels)
    {
        var (inner, depth) = (64L << stage, spec.Depths[stage]);
        var outside = inner * spec.Expansion;
        var blocks = new List<Module<Tensor, Tensor>>();
        for (var i = 0; i < depth; i++)
        {
            var last = stage == 3 && i == depth - 1;
            var output = last ? spec.Embedding : outside;
            var stride = i == 0 && stage > 0 ? 2 : 1;
            blocks.Add(
                new ResNetBlock(
                    new ResNetBlockSpec(
                        channels,
                        spec.Bottleneck ? inner * spec.Widening : output,
                        output,
                        stride,
                        spec.Bottleneck,
                        stride != 1 || channels != output,
                        !last || spec.LastActivation
                    )
                )
            );
            channels = output;
        }
        return Modules.Numbered(blocks);
    }

    private static ResNetSpec Variant(string name, int classes, int[] depths, bool bottleneck = true) =>
        new()
        {
            Name = name,
            Classes = classes,
            Depths = [.. depths],
            Bottleneck = bottleneck,
        };
}
