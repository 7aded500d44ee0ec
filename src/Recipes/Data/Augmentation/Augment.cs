namespace Recipes.Data;

/// <summary>
/// What happens to a picture between the set and the network, as a value:
/// <c>Augment.None.RandomResizedCrop(0.35).Flip().RandAugment(2, 9).Erase(0.25)</c>. Steps run in reading order on bytes;
/// the random numbers of a picture depend on the seed, the epoch and its index alone.
/// </summary>
/// <param name="Steps">The steps, first to last.</param>
public sealed record Augment(IReadOnlyList<AugmentStep> Steps)
{
    /// <summary>The picture at the size asked for, as it is.</summary>
    public static Augment None { get; } = new([]);

    /// <summary>For measuring: read larger, keep the middle. 0.875 is the usual 256 to 224.</summary>
    /// <param name="fraction">The part of the side that is kept, above 0 and at most 1.</param>
    public static Augment Evaluation(double fraction = 1) => fraction == 1 ? None : None.CenterCrop(fraction);

    /// <summary>A random rectangle, resized to the whole.</summary>
    /// <param name="minScale">Least part of the area.</param>
    /// <param name="maxScale">Greatest part of the area.</param>
    /// <param name="minRatio">Least width over height.</param>
    /// <param name="maxRatio">Greatest width over height.</param>
    /// <param name="filter">The resize kernel.</param>
    public Augment RandomResizedCrop(
        double minScale = 0.08,
        double maxScale = 1,
        double minRatio = 3.0 / 4,
        double maxRatio = 4.0 / 3,
        ResizeFilter filter = ResizeFilter.Bilinear
    ) => Then(new RandomResizedCropStep(minScale, maxScale, minRatio, maxRatio, filter));

    /// <summary>Mirrors left and right.</summary>
    /// <param name="probability">How often.</param>
    public Augment Flip(double probability = 0.5) => Then(new FlipStep(probability));

    /// <summary>Adds a black border and cuts a random window of the old size.</summary>
    /// <param name="pixels">The border, in pixels of a picture 32 wide; wider pictures get a border as much wider.</param>
    public Augment PadCrop(int pixels = 4) => Then(new PadCropStep(pixels));

    /// <summary>Random operations of one strength (RandAugment, Cubuk et al. 2019).</summary>
    /// <param name="operations">How many, one after another.</param>
    /// <param name="magnitude">The strength, 0 to the policy's greatest (30 for the paper's, 10 for the increasing one).</param>
    /// <param name="deviation">Standard deviation of the strength from one operation to the next.</param>
    /// <param name="policy">The list of operations and their ranges.</param>
    public Augment RandAugment(
        int operations,
        double magnitude,
        double deviation = 0,
        RandAugmentPolicy policy = RandAugmentPolicy.Paper
    ) => Then(new RandAugmentStep(operations, magnitude, deviation, 1, policy));

    /// <summary>Fills a random rectangle with noise (Zhong et al. 2017).</summary>
    /// <param name="probability">How often.</param>
    /// <param name="minArea">Least part of the area.</param>
    /// <param name="maxArea">Greatest part of the area.</param>
    public Augment Erase(double probability = 0.25, double minArea = 0.02, double maxArea = 1.0 / 3) =>
        Then(new EraseStep(probability, minArea, maxArea));

    /// <summary>Reads the picture larger and keeps the middle.</summary>
    /// <param name="fraction">The part of the side that is kept.</param>
    public Augment CenterCrop(double fraction) => Then(new CenterCropStep(fraction));

    /// <summary>Adds a step of one's own.</summary>
    public Augment Then(AugmentStep step) => new([.. Steps, step]);

    /// <summary>The same steps with every RandAugment at this multiple of its strength, for training that grows harder.</summary>
    public Augment AtStrength(double strength) => new([.. Steps.Select(s => s is RandAugmentStep r ? r with { Strength = strength } : s)]);

    /// <summary>The size at which a set is read for a result of this size.</summary>
    public int ReadSize(int size) => Steps.Aggregate(size, (s, step) => Math.Max(s, step.ReadSize(size)));

    /// <summary>Lists every value out of range, with what was expected.</summary>
    public IReadOnlyList<string> Problems() => [.. Steps.SelectMany(s => s.Problems())];

    /// <summary>Runs the steps and leaves a picture of the canvas's target size.</summary>
    public void Apply(ImageCanvas canvas, ref Rng rng)
    {
        foreach (var step in Steps)
            step.Apply(canvas, ref rng);
        canvas.Finish();
    }

    /// <summary>The random numbers of one picture in one epoch.</summary>
    internal static Rng Stream(long seed, int epoch, int index) => Rng.Stream(seed, "augment", epoch, index);

    /// <summary>Equal when the steps are.</summary>
    public bool Equals(Augment? other) => other is not null && Steps.SequenceEqual(other.Steps);

    /// <inheritdoc/>
    public override int GetHashCode() => Steps.Aggregate(17, HashCode.Combine);
}
