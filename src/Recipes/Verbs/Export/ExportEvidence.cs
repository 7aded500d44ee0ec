using System.Globalization;
using Recipes.Display;

namespace Recipes.Verbs;

/// <summary>A graph that was written.</summary>
/// <param name="Part">Which part of the model; empty for a model of one.</param>
/// <param name="Files">The model's file, and that of its weights where they are outside.</param>
/// <param name="Bytes">Size of all of them.</param>
/// <param name="Nodes">Operations.</param>
/// <param name="Inputs">Names and sides.</param>
/// <param name="Outputs">Names and sides.</param>
/// <param name="Difference">Largest difference of outputs over the largest output, of all checks; null where nothing was checked.</param>
/// <param name="Checked">The sizes at which it was checked.</param>
public sealed record ExportedGraph(
    string Part,
    IReadOnlyList<string> Files,
    long Bytes,
    int Nodes,
    IReadOnlyList<string> Inputs,
    IReadOnlyList<string> Outputs,
    double? Difference,
    IReadOnlyList<string> Checked
);

/// <summary>What was exported, and how exactly ONNX Runtime computes it.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Opset">Version of the operators.</param>
/// <param name="Graphs">One for each part.</param>
[TypeFormatterSource(typeof(DisplayFormatterSource))]
public sealed record ExportEvidence(string Model, int Opset, IReadOnlyList<ExportedGraph> Graphs) : IDisplay
{
    /// <summary>A row for each graph.</summary>
    public string ToHtml() =>
        Table
            .From(
                Graphs,
                (Column.Text("File"), g => Path.GetFileName(g.Files[0])),
                (Column.Number("Size", "MB", "0.0"), g => g.Bytes / 1e6),
                (Column.Number("Nodes"), g => g.Nodes),
                (Column.Text("Inputs"), g => string.Join("; ", g.Inputs)),
                (Column.Text("Outputs"), g => string.Join("; ", g.Outputs)),
                (Column.Text("Difference"), g => Compared(g))
            )
            .Caption($"{Model} in ONNX, opset {Opset}.")
            .ToHtml();

    /// <summary>Some lines for each graph.</summary>
    public override string ToString() => string.Join('\n', Graphs.Select(Lines));

    private string Lines(ExportedGraph graph) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            export: {string.Join(" and ", graph.Files)}: {graph.Bytes:N0} bytes, {graph.Nodes} nodes, opset {Opset}
              inputs      {string.Join("; ", graph.Inputs)}
              outputs     {string.Join("; ", graph.Outputs)}
              difference  {Compared(graph)}
            """
        );

    private static string Compared(ExportedGraph graph) =>
        graph.Difference is { } difference
            ? $"{Numbers.Text(difference)} relative, in ONNX Runtime at {string.Join(" and ", graph.Checked)}"
            : "not checked";
}
