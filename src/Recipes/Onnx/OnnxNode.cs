namespace Recipes.Onnx;

/// <summary>An operation of a graph.</summary>
/// <param name="Op">The operator, of ONNX's own domain.</param>
/// <param name="Name">Unique; begins with the path of the layer.</param>
/// <param name="Inputs">Names of values; empty for an optional one left out.</param>
/// <param name="Outputs">Names of values.</param>
/// <param name="Attributes">Values are long, float, string, or long[].</param>
internal sealed record OnnxNode(
    string Op,
    string Name,
    IReadOnlyList<string> Inputs,
    IReadOnlyList<string> Outputs,
    IReadOnlyList<(string Name, object Value)> Attributes
);
