using Recipes.Display;

namespace Recipes.Models;

/// <summary>The time of one image up to the first token of the answer, part by part.</summary>
/// <param name="Work">What was computed.</param>
/// <param name="Encoder">All crops, one after another.</param>
/// <param name="Connector">All image tokens at once.</param>
/// <param name="Prefill">The language model over all image tokens, keys and values kept, and the logits of the last.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record FirstTokenTime(FirstToken Work, Latency Encoder, Latency Connector, Latency Prefill) : IDisplay
{
    /// <summary>The sum of the medians, in milliseconds: the paper's TTFT.</summary>
    public double Total => Encoder.Median + Connector.Median + Prefill.Median;

    /// <summary>The parts as a table.</summary>
    public string ToHtml() => Parts().ToHtml();

    /// <summary>The parts as a table of text.</summary>
    public override string ToString() => Parts().ToString();

    private Table Parts()
    {
        var table = Table.With(Column.Text(Work.Name), Column.Number("Time", "ms", "0.0"), Column.Number("Share", "%", "0"));
        return Row(
            "first token",
            Total,
            Row("prefill", Prefill.Median, Row("connector", Connector.Median, Row("encoder", Encoder.Median, table)))
        );

        Table Row(string name, double time, Table above) => above.Row(name, time, 100 * time / Total);
    }
}

/// <summary>The time of one image through an encoder.</summary>
/// <param name="Tower">The encoder and its resolution.</param>
/// <param name="Time">One image.</param>
public sealed record TowerTime(VisionTower Tower, Latency Time);
