namespace Recipes.Data;

/// <summary>(value / 255 - mean) / deviation for each of the three channels.</summary>
/// <param name="MeanR">Mean of red, 0 to 1.</param>
/// <param name="MeanG">Mean of green.</param>
/// <param name="MeanB">Mean of blue.</param>
/// <param name="DeviationR">Standard deviation of red.</param>
/// <param name="DeviationG">Standard deviation of green.</param>
/// <param name="DeviationB">Standard deviation of blue.</param>
public sealed record Normalization(double MeanR, double MeanG, double MeanB, double DeviationR, double DeviationG, double DeviationB)
{
    /// <summary>ImageNet's usual numbers.</summary>
    public static Normalization ImageNet { get; } = new(0.485, 0.456, 0.406, 0.229, 0.224, 0.225);

    /// <summary>OpenAI's CLIP and what descends from it.</summary>
    public static Normalization Clip { get; } = new(0.48145466, 0.4578275, 0.40821073, 0.26862954, 0.26130258, 0.27577711);

    /// <summary>-1 to 1: SigLIP.</summary>
    public static Normalization Half { get; } = new(0.5, 0.5, 0.5, 0.5, 0.5, 0.5);

    /// <summary>CIFAR-10's training pictures.</summary>
    public static Normalization Cifar10 { get; } = new(0.4914, 0.4822, 0.4465, 0.2470, 0.2435, 0.2616);

    /// <summary>Fashion-MNIST's training pictures.</summary>
    public static Normalization FashionMnist { get; } = new(0.2860, 0.2860, 0.2860, 0.3530, 0.3530, 0.3530);

    /// <summary>MNIST's training pictures.</summary>
    public static Normalization Mnist { get; } = new(0.1307, 0.1307, 0.1307, 0.3081, 0.3081, 0.3081);

    /// <summary>Scenes.</summary>
    public static Normalization Scenes { get; } = new(0.5, 0.5, 0.5, 0.25, 0.25, 0.25);

    /// <summary>Values 0 to 1 as they are.</summary>
    public static Normalization None { get; } = new(0, 0, 0, 1, 1, 1);

    /// <summary>The 256 values of each channel, red first: <c>[3 * 256]</c>.</summary>
    public float[] Table()
    {
        double[] means = [MeanR, MeanG, MeanB];
        double[] deviations = [DeviationR, DeviationG, DeviationB];
        var table = new float[3 * 256];
        for (var i = 0; i < table.Length; i++)
            table[i] = (float)((i % 256 / 255.0 - means[i / 256]) / deviations[i / 256]);
        return table;
    }

    /// <summary>The byte that a normalised value came from, for showing pictures.</summary>
    /// <param name="value">A normalised value.</param>
    /// <param name="channel">0 red, 1 green, 2 blue.</param>
    public byte ToByte(float value, int channel)
    {
        var (mean, deviation) = channel switch
        {
            0 => (MeanR, DeviationR),
            1 => (MeanG, DeviationG),
            _ => (MeanB, DeviationB),
        };
        return (byte)Math.Clamp(Math.Round((value * deviation + mean) * 255), 0, 255);
    }
}
