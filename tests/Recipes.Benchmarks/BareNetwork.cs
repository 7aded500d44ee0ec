using Recipes.Layers;
using Recipes.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Recipes.Benchmarks;

/// <summary>The operators of a folded network called straight, one after the other, over the same weights: what modules cost is the difference.</summary>
internal sealed class BareNetwork
{
    private readonly List<Func<Tensor, Tensor>> _steps = [];
    private readonly Queue<Conv2d> _convolutions;

    private BareNetwork(nn.Module network) => _convolutions = new(InOrder(network).OfType<Conv2d>());

    /// <summary>Each convolution and its ReLU; pooling and the classifier.</summary>
    public static BareNetwork Of(MobileOne network)
    {
        var bare = new BareNetwork(network);
        while (bare._convolutions.Count > 0)
            bare.Convolution().Add(x => F.relu(x));
        return bare.Classifier(network);
    }

    /// <summary>Stem, residual blocks and what stands between stages, expansion with its gate, classifier.</summary>
    public static BareNetwork Of(FastVit network)
    {
        var bare = new BareNetwork(network);
        for (var i = 0; i < 3; i++)
            bare.Convolution().Add(x => F.gelu(x));
        var blocks = new Queue<RepMixerBlock>(InOrder(network).OfType<RepMixerBlock>());
        for (var stage = 0; stage < network.Spec.Depths.Length; stage++)
        {
            if (stage > 0)
                bare.Convolution().Convolution().Add(x => F.gelu(x));
            for (var i = 0; i < network.Spec.Depths[stage]; i++)
                bare.Convolution().Add(bare.Residual(blocks.Dequeue()));
        }
        var (reduce, expand) = (bare.Next(), bare.Next());
        bare.Convolution().Add(x => Gate(x, reduce, expand)).Add(x => F.gelu(x));
        return bare.Classifier(network);
    }

    /// <summary>Logits of images; each tensor on the way is let go when the next is there.</summary>
    public Tensor Run(Tensor images)
    {
        var x = images.alias();
        foreach (var step in _steps)
        {
            using var before = x;
            x = step(before);
        }
        return x;
    }

    private BareNetwork Add(Func<Tensor, Tensor> step)
    {
        _steps.Add(step);
        return this;
    }

    private BareNetwork Convolution() => Add(Next());

    private BareNetwork Classifier(nn.Module network)
    {
        var linear = network.modules().OfType<Linear>().Single();
        var (weight, bias) = (linear.weight, linear.bias);
        return Add(x => F.adaptive_avg_pool2d(x, 1)).Add(x => x.flatten(1)).Add(x => F.linear(x, weight, bias));
    }

    private Func<Tensor, Tensor> Next()
    {
        var c = _convolutions.Dequeue();
        var (weight, bias, stride, padding, groups) = (c.weight!, c.bias, c.stride, c.padding!, c.groups);
        long[] dilation = [1, 1];
        return x => F.conv2d(x, weight, bias, stride, padding, dilation, groups);
    }

    private Func<Tensor, Tensor> Residual(RepMixerBlock block)
    {
        var scale = block.parameters(recurse: false).Single();
        var norm = block.modules().OfType<BatchNorm2d>().Single();
        var (mean, variance, gain, shift, eps) = (norm.running_mean!, norm.running_var!, norm.weight!, norm.bias!, norm.eps);
        var (local, expand, project) = (Next(), Next(), Next());
        return x =>
        {
            using var a = local(x);
            using var b = F.batch_norm(a, mean, variance, gain, shift, false, 0.1, eps);
            using var c = expand(b);
            using var d = F.gelu(c);
            using var e = project(d);
            using var branch = scale * e;
            return x + branch;
        };
    }

    // As they run: each module before its parts, parts as they are registered.
    private static IEnumerable<nn.Module> InOrder(nn.Module module) => module.children().SelectMany(c => InOrder(c).Prepend(c));

    private static Tensor Gate(Tensor x, Func<Tensor, Tensor> reduce, Func<Tensor, Tensor> expand)
    {
        using var mean = x.mean([2, 3], keepdim: true);
        using var inner = reduce(mean);
        using var relu = F.relu(inner);
        using var outer = expand(relu);
        using var gate = outer.sigmoid();
        return x * gate;
    }
}
