using System.Text.Json.Serialization;

namespace Recipes.Training;

/// <summary>
/// A factor over the course of training, for the learning rate or the weight decay: 1 is the optimizer's base value. A
/// pure function of the step, so a resumed run needs no state. Lengths are in epochs; the warm-up rises linearly and the
/// schedule proper begins after it.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ConstantSchedule), "constant")]
[JsonDerivedType(typeof(CosineSchedule), "cosine")]
[JsonDerivedType(typeof(StepSchedule), "step")]
[JsonDerivedType(typeof(PolySchedule), "poly")]
[JsonDerivedType(typeof(OneCycleSchedule), "oneCycle")]
public abstract record Schedule
{
    /// <summary>Length of the linear warm-up in epochs; fractions of an epoch count.</summary>
    public double Warmup { get; init; }

    /// <summary>The factor that the warm-up starts from.</summary>
    public double WarmupFrom { get; init; }

    /// <summary>Always the base value.</summary>
    /// <param name="warmup">Epochs of linear warm-up.</param>
    public static ConstantSchedule Constant(double warmup = 0) => new() { Warmup = warmup };

    /// <summary>
    /// Half a cosine from 1 to <paramref name="end"/>: x(t) = end + ½(1 − end)(1 + cos(πt/T)), MobileOne sec. 3.3. For the paper's
    /// weight decay, 1e-4 annealed to 1e-5, <paramref name="end"/> is 0.1.
    /// </summary>
    /// <param name="epochs">Where the end is reached, warm-up included; the end of training unless given.</param>
    /// <param name="warmup">Epochs of linear warm-up.</param>
    /// <param name="end">The factor at the end.</param>
    public static CosineSchedule Cosine(double? epochs = null, double warmup = 0, double end = 0) =>
        new()
        {
            Epochs = epochs,
            Warmup = warmup,
            End = end,
        };

    /// <summary>Multiplied by <paramref name="factor"/> at each of these epochs.</summary>
    /// <param name="at">Epochs, rising.</param>
    /// <param name="factor">In (0, 1].</param>
    /// <param name="warmup">Epochs of linear warm-up.</param>
    public static StepSchedule Step(IReadOnlyList<double> at, double factor = 0.1, double warmup = 0) =>
        new()
        {
            Milestones = at,
            Factor = factor,
            Warmup = warmup,
        };

    /// <summary>end + (1 − end)(1 − t/T)^power.</summary>
    /// <param name="power">Above 0.</param>
    /// <param name="warmup">Epochs of linear warm-up.</param>
    /// <param name="end">The factor at the end.</param>
    public static PolySchedule Poly(double power = 0.9, double warmup = 0, double end = 0) =>
        new()
        {
            Power = power,
            Warmup = warmup,
            End = end,
        };

    /// <summary>A cosine up from <paramref name="start"/> to 1, then a cosine down to <paramref name="end"/>.</summary>
    /// <param name="peak">The fraction of training at which the factor is 1.</param>
    /// <param name="start">The first factor.</param>
    /// <param name="end">The last factor.</param>
    public static OneCycleSchedule OneCycle(double peak = 0.3, double start = 0.04, double end = 4e-6) =>
        new()
        {
            Peak = peak,
            Start = start,
            End = end,
        };

    /// <summary>The factor for the step that comes after <paramref name="step"/> completed steps.</summary>
    /// <param name="step">Completed steps, 0 … <paramref name="totalSteps"/>.</param>
    /// <param name="totalSteps">Steps of the whole training.</param>
    /// <param name="stepsPerEpoch">Steps of one epoch.</param>
    public double At(long step, long totalSteps, long stepsPerEpoch)
    {
        var warm = Warmup * stepsPerEpoch;
        // The first step already moves: after s steps the rise is at (s + 1) / warm.
        if (step + 1 < warm)
            return WarmupFrom + (1 - WarmupFrom) * (step + 1) / warm;
        return After(Math.Max(0, step - warm), totalSteps - warm, stepsPerEpoch);
    }

    /// <summary>The factor after the warm-up.</summary>
    /// <param name="passed">Steps since the warm-up's end.</param>
    /// <param name="totalSteps">Steps between the warm-up's end and the end of training.</param>
    /// <param name="stepsPerEpoch">Steps of one epoch.</param>
    protected abstract double After(double passed, double totalSteps, double stepsPerEpoch);

    internal virtual IEnumerable<string> Problems(double epochs)
    {
        if (!(Warmup >= 0))
            yield return $"warmup: expected at least 0 epochs, found {Warmup}";
        else if (Warmup >= epochs && Warmup > 0)
            yield return $"warmup: {Warmup} epochs of warm-up do not fit into {epochs} of training";
        if (!(WarmupFrom is >= 0 and <= 1))
            yield return $"warmupFrom: expected 0 to 1, found {WarmupFrom}";
    }

    internal static double Anneal(double from, double to, double progress) =>
        to + 0.5 * (from - to) * (1 + Math.Cos(Math.PI * Math.Clamp(progress, 0, 1)));

    internal static IEnumerable<string> InUnit(string name, double value) =>
        value is >= 0 and <= 1 ? [] : [$"{name}: expected a factor of 0 to 1, found {value}"];
}
