namespace Recipes.Layers;

/// <summary>The shape of a <see cref="MobileOneBlock"/>: Cin → Cout, square kernel, stride, groups and which branches it trains with.</summary>
public sealed record MobileOneBlockSpec(long ChannelsIn, long ChannelsOut, long Kernel, long Stride = 1, long Groups = 1)
{
    /// <summary>
    /// k, the number of parallel convolutions of the full kernel (the paper's over-parameterisation). With 0 only the bare
    /// normalisation of the input is left, as in RepMixer.
    /// </summary>
    /// <value>Default 1.</value>
    public int Branches { get; init; } = 1;

    /// <summary>Whether a 1x1 convolution runs beside kernels larger than 1.</summary>
    /// <value>Default true.</value>
    public bool Scale { get; init; } = true;

    /// <summary>Whether a bare normalisation of the input runs beside them where shapes allow.</summary>
    /// <value>Default true.</value>
    public bool Skip { get; init; } = true;

    /// <summary>Whether squeeze-and-excitation acts on the sum.</summary>
    /// <value>Default false.</value>
    public bool SqueezeExcite { get; init; }

    /// <summary>The activation behind the sum.</summary>
    /// <value>Default ReLU.</value>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>Whether the kernel has height 1: a row of positions, as in MobileCLIP's convolutional text blocks (depthwise, stride 1, no scale).</summary>
    /// <value>Default false.</value>
    public bool Row { get; init; }

    /// <summary>The skip branch exists where input and output have one shape.</summary>
    public bool HasSkip => Skip && ChannelsIn == ChannelsOut && Stride == 1;

    /// <summary>The scale branch exists for kernels larger than 1.</summary>
    public bool HasScale => Scale && Kernel > 1 && !Row;
}
