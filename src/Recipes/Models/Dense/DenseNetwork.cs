using Recipes.Data;
using Recipes.Layers;
using Recipes.Onnx;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Recipes.Models;

/// <summary>An encoder and a head for dense prediction.</summary>
/// <remarks>
/// Input <c>[B, 3, H, W]</c>. Output logits <c>[B, classes, H, W]</c>, depth in metres <c>[B, 1, H, W]</c>, or what <see cref="BoxHead"/> gives,
/// <c>[B, classes + 4, h, w]</c>. Keys <c>backbone</c>, <c>head</c>.
/// </remarks>
public sealed class DenseNetwork : Module<Tensor, Tensor>, IRebuildable, ISpecified, IOnnxLayer
{
    [ComponentName(Name = "backbone")]
    private readonly Module<Tensor, Tensor> _backbone;

    [ComponentName(Name = "head")]
    private readonly DenseHead _head;

    /// <summary>Puts a fresh head on an encoder, which is taken over with its weights: whatever trains this network trains that very module.</summary>
    /// <param name="spec">What the network is.</param>
    /// <param name="backbone">The encoder, such as the image tower of a network of images and texts; now this network's.</param>
    /// <exception cref="RecipesException">The encoder gives no feature maps, or the spec's parts do not fit each other; all problems together.</exception>
    public DenseNetwork(DenseNetworkSpec spec, Module<Tensor, Tensor> backbone)
        : base(spec.Name)
    {
        if (backbone is not IDenseBackbone encoder)
            throw new RecipesException(
                $"{spec.Name}: a {backbone.GetType().Name} gives no feature maps; let it implement {nameof(IDenseBackbone)}, or take a ViT or a FastViT."
            );
        RecipesException.ThrowIfAny($"{spec.Name} cannot be built:", spec.Problems());
        (Spec, _backbone, Encoder) = (spec, backbone, encoder);
        _head = spec.Head.Build(encoder.FeatureMaps(spec.Head.Taps), spec.Outputs);
        RegisterComponents();
        if (!spec.Frozen)
            return;
        foreach (var parameter in backbone.parameters())
            parameter.requires_grad = false;
        backbone.eval();
    }

    /// <summary>What the network was built from.</summary>
    public DenseNetworkSpec Spec { get; }

    ModelSpec ISpecified.Spec => Spec;

    /// <summary>The encoder, a network of its own.</summary>
    public Module<Tensor, Tensor> Backbone => _backbone;

    /// <summary>The head.</summary>
    public DenseHead Head => _head;

    /// <inheritdoc/>
    public IReadOnlyList<long> Probe => ((IRebuildable)_backbone).Probe;

    private IDenseBackbone Encoder { get; }

    /// <summary>Puts a fresh head on an encoder that knows its spec; the weights of the head come from the seed.</summary>
    /// <inheritdoc cref="DenseNetwork(DenseNetworkSpec, Module{Tensor, Tensor})"/>
    /// <param name="backbone">The encoder, now this network's.</param>
    /// <param name="head">The head.</param>
    /// <param name="task">What is predicted.</param>
    /// <param name="classes">Classes of segmentation or boxes.</param>
    /// <param name="maxDepth">The largest depth in metres.</param>
    /// <param name="frozen">Whether the encoder keeps its weights.</param>
    /// <param name="seed">Of the head's weights.</param>
    public static DenseNetwork Over(
        Module<Tensor, Tensor> backbone,
        DenseHeadSpec head,
        DenseTask task,
        int classes = 1,
        double maxDepth = 10,
        bool frozen = false,
        long seed = 0
    )
    {
        if (backbone is not ISpecified { Spec: var spec })
            throw new RecipesException(
                $"{backbone.GetType().Name}: does not know its spec, so the network could not be copied; give one of the zoo's."
            );
        manual_seed((long)(Rng.Stream(seed, "head").NextUInt64() >> 1));
        var network = new DenseNetwork(
            new DenseNetworkSpec
            {
                Name = $"{spec.Name}_{task.ToString().ToLowerInvariant()}",
                Backbone = spec,
                Head = head,
                Task = task,
                Classes = classes,
                MaxDepth = maxDepth,
                Frozen = frozen,
            },
            backbone
        );
        network.to(backbone.parameters().First().device);
        return network;
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var output = _head.call(Features(input));
        return Finish(output, input).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public OnnxValue ToOnnx(OnnxGraph graph, OnnxValue input)
    {
        var maps = graph.In(_backbone, () => Encoder.Maps(graph, input, Spec.Head.Taps));
        var output = graph.In(_head, () => _head.ToOnnx(graph, maps));
        if (Spec.Task == DenseTask.Boxes)
            return output;
        var full = output.Resize(input.Shape[2], input.Shape[3]);
        return Spec.Task == DenseTask.Depth ? full.Sigmoid() * Spec.MaxDepth : full;
    }

    /// <inheritdoc/>
    public Module Rebuild() => Modules.FoldedAlike(this, (DenseNetwork)Spec.BuildPart());

    // A frozen encoder keeps the statistics of its norms.
    /// <inheritdoc/>
    public override void train(bool train = true)
    {
        base.train(train);
        if (Spec.Frozen)
            _backbone.eval();
    }

    private IReadOnlyList<Tensor> Features(Tensor input)
    {
        if (!Spec.Frozen)
            return Encoder.Maps(input, Spec.Head.Taps);
        using var _ = no_grad();
        return Encoder.Maps(input, Spec.Head.Taps);
    }

    private Tensor Finish(Tensor output, Tensor input)
    {
        if (Spec.Task == DenseTask.Boxes)
            return output;
        var full = DenseHead.Resize(output, input.shape[2], input.shape[3]);
        return Spec.Task == DenseTask.Depth ? full.sigmoid() * Spec.MaxDepth : full;
    }
}
