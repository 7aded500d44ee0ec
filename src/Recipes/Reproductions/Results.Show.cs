using System.Globalization;
using Recipes.Display;

namespace Recipes.Reproductions;

public sealed partial class Results
{
    /// <summary>The trainings so far.</summary>
    public string ToHtml() => Show().ToHtml();

    /// <summary>The trainings so far as text.</summary>
    public override string ToString() => Show().ToString();

    /// <summary>One row for each arm.</summary>
    internal Table Trainings() =>
        Table
            .From(
                Arms.Select(name => this[name]),
                [
                    (Column.Text("arm"), a => a.Arm),
                    .. ArmResult
                        .Measures.Where(m => Arms.Any(a => this[a].Has(m.Number)))
                        .SelectMany(m =>
                            ((Column, Func<ArmResults, object?>)[])
                                [
                                    (Column.Number(m.Name, m.Unit, m.Format), a => a.Has(m.Number) ? a[m.Number].Mean : null),
                                    (Column.Text("over seeds"), a => a.Has(m.Number) ? Range(a[m.Number], m.Format) : ""),
                                ]
                        ),
                    (Column.Number("folded top-1", "%", "0.0"), a => a.Has("folded_top1") ? a["folded_top1"].Mean : null),
                    (Column.Number("train loss", "", "0.000"), a => a.TrainLoss.Mean),
                    (Column.Number("speed", "images/s", "0"), a => a["images_per_second"].Mean),
                    (Column.Number("time", "s", "0.0"), a => a["seconds"].Mean),
                    (Column.Number("live tensors", "+", "0"), a => a["live_tensors_growth"].Max),
                ]
            )
            .Caption(
                "Means over seeds. Accuracy is that of the averaged weights. Live tensors: growth between the second and the last step."
            );

    private static string Range(Spread spread, string format) =>
        $"{spread.Min.ToString(format, CultureInfo.InvariantCulture)} – {spread.Max.ToString(format, CultureInfo.InvariantCulture)}";

    private Block Show() => Arms.Count > 0 ? Trainings() : new Prose("No arm has run.");
}

public sealed partial record ArmResults
{
    /// <summary>Numbers over seeds, training loss and accuracy.</summary>
    public string ToHtml() =>
        new Blocks([
            Numbers(),
            .. Runs.All(r => r.Curve.Count == Runs[0].Curve.Count && r.Curve.Count > 0)
                ?
                [
                    Charts.Curves($"Training loss, {Arm}", "epoch", "training loss (nats)", [Curve(p => p.TrainLoss)]),
                    Charts.Curves($"Test accuracy, {Arm}", "epoch", "top-1 (%)", [Curve(p => p.Top1)]),
                ]
                : Array.Empty<Block>(),
        ]).ToHtml();

    /// <summary>Numbers over seeds as text.</summary>
    public override string ToString() => Numbers().ToString();

    internal Series Curve(Func<CurvePoint, double> value) =>
        Series.OverSeeds(Arm, Runs[0].Curve.Select(p => p.Epoch), Runs.Select(r => r.Curve.Select(value)));

    private Table Numbers() =>
        Table
            .From(
                Runs[0].Numbers.Keys.Where(name => Runs.All(r => r.Numbers.ContainsKey(name))),
                (Column.Text("Number"), name => name),
                (Column.Number("Mean"), name => this[name].Mean),
                (Column.Number("Least"), name => this[name].Min),
                (Column.Number("Largest"), name => this[name].Max)
            )
            .Caption($"{Arm}, seed{(Runs.Count == 1 ? "" : "s")} {string.Join(", ", Runs.Select(r => r.Seed))}");
}
