using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Recipes.Display;

namespace Recipes.Reproductions;

/// <summary>One point of a training curve.</summary>
/// <param name="Epoch">Epochs finished.</param>
/// <param name="TrainLoss">Mean training loss of the epoch, as optimised.</param>
/// <param name="TestLoss">Cross-entropy on the test images.</param>
/// <param name="Top1">Test accuracy in percent.</param>
public sealed record CurvePoint(double Epoch, double TrainLoss, double TestLoss, double Top1);

/// <summary>A test image and what the model said.</summary>
public sealed record SamplePrediction(int Index, int Label, int Predicted, double Probability);

/// <summary>What one arm gave with one seed; a file of the run's folder, so that a resumed run does not repeat it.</summary>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record ArmResult : IDisplay
{
    /// <summary>The arm's name.</summary>
    public required string Arm { get; init; }

    /// <summary>The seed.</summary>
    public required long Seed { get; init; }

    /// <summary>The canonical JSON of the recipe that ran.</summary>
    public required JsonNode Recipe { get; init; }

    /// <summary>Final numbers by name.</summary>
    public required IReadOnlyDictionary<string, double> Numbers { get; init; }

    /// <summary>The training curve.</summary>
    public IReadOnlyList<CurvePoint> Curve { get; init; } = [];

    /// <summary>The first test images with predictions.</summary>
    public IReadOnlyList<SamplePrediction> Samples { get; init; } = [];

    /// <summary>A number by name.</summary>
    /// <exception cref="NotAttemptedException">The arm has no number of this name.</exception>
    public double this[string number] =>
        Numbers.TryGetValue(number, out var value) ? value : throw new NotAttemptedException($"the arm '{Arm}' has no number '{number}'");

    // What counts first: a dense measure before the accuracy of pixels or of classes.
    internal static IReadOnlyList<(string Number, string Name, string Unit, string Format)> Measures { get; } =
    [("miou", "mIoU", "%", "0.0"), ("rmse", "RMSE", "m", "0.000"), ("ap50", "AP50", "%", "0.0"), ("top1", "top-1", "%", "0.0")];

    /// <summary>The number that counts and the training loss, in words: <c>top-1 71.3 %, train loss 0.912</c>; the loss alone where nothing was measured.</summary>
    [JsonIgnore]
    public string Headline =>
        string.Join(
            ", ",
            Measures
                .Where(m => Numbers.ContainsKey(m.Number))
                .Select(m => $"{m.Name} {Numbers[m.Number].ToString(m.Format, CultureInfo.InvariantCulture)} {m.Unit}")
                .Take(1)
                .Append(string.Create(CultureInfo.InvariantCulture, $"train loss {Numbers.GetValueOrDefault("train_loss"):F3}"))
        );

    /// <summary>Its numbers and curves.</summary>
    public string ToHtml() => new ArmResults(Arm, [this]).ToHtml();

    /// <summary>Its numbers as text.</summary>
    public override string ToString() => new ArmResults(Arm, [this]).ToString();

    /// <summary>Writes it, atomically.</summary>
    public void Write(string file) => AtomicFile.WriteText(file, JsonSerializer.Serialize(this, CanonicalJson.Options) + "\n");

    /// <summary>Reads a finished result of the same recipe; null when there is none, or one of another recipe.</summary>
    public static ArmResult? TryRead(string file, JsonNode recipe)
    {
        try
        {
            var result = JsonSerializer.Deserialize<ArmResult>(File.ReadAllText(file), CanonicalJson.Options);
            return result is not null && JsonNode.DeepEquals(result.Recipe, recipe) ? result : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
